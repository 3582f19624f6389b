// The page: a package, its editor, and what the compiler says of it.

import { compiler } from "./start";

import { App } from "./app";
import { byId } from "./dom";
import { CONTOSO } from "./examples";
import { BadLink, PREFIX, opened } from "./link";
import { recall } from "./memory";

const app = new App(compiler);

/** A link wins, then what this tab had before it was reloaded, then the example. */
async function begin(): Promise<void> {
  const kept = recall();
  if (kept !== undefined && kept.hash === location.hash) {
    app.open(kept.source);
  } else if (location.hash.startsWith(PREFIX) || location.hash.length > 1) {
    await follow();
  } else {
    app.open(CONTOSO.source, CONTOSO.name);
  }
}

async function follow(): Promise<void> {
  try {
    app.open(await opened(location.hash));
  } catch (problem) {
    const why = problem instanceof BadLink ? problem.message : "the link can't be opened";
    app.open(CONTOSO.source, CONTOSO.name);
    app.tell(`This link was not opened: ${why}. Here is an example instead.`, "refused");
  }
}

addEventListener("hashchange", () => void (location.hash.length > 1 && follow()));
byId("brand", HTMLAnchorElement).addEventListener("click", (event) => event.preventDefault());
void begin();
