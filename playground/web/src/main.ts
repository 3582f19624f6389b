// The page: a package, its editor, and what the compiler says of it.

import { asked, beginning, compiler } from "./start";

import { App } from "./app";
import { follow } from "./beginning";
import { byId } from "./dom";

const app = new App(compiler);

/** Counts the links that were followed; of several at once the last one is opened. */
let turn = 0;

async function start(): Promise<void> {
  const { source, example, refused } = await beginning;
  app.open(source, example, asked);
  if (refused !== undefined) {
    app.tell(refused, "refused");
  }
}

async function followed(): Promise<void> {
  const own = ++turn;
  await beginning;
  const { hash } = location;
  const found = await follow();
  if (own !== turn) {
    return;
  }
  if ("refused" in found) {
    app.tell(found.refused, "refused");
  } else {
    app.exchange(found.source, "", hash);
  }
}

addEventListener("hashchange", () => {
  if (location.hash.length > 1) {
    void followed();
  }
});
byId("brand", HTMLAnchorElement).addEventListener("click", (event) => event.preventDefault());
void start();
