// The package that a tab begins with.

import { CONTOSO } from "./examples";
import { BadLink, opened } from "./link";
import { recall } from "./memory";
import type { Source } from "./source";

export interface Beginning {
  source: Source;
  /** The name of the example that it is, or nothing. */
  example: string;
  /** Why it is not the link's. */
  refused?: string;
}

/** What this tab had before it was reloaded, then what its link holds, then an example. */
export async function begin(): Promise<Beginning> {
  const kept = recall();
  if (kept !== undefined) {
    return { source: kept, example: "" };
  }
  const example = { source: CONTOSO.source, example: CONTOSO.name };
  if (location.hash.length <= 1) {
    return example;
  }
  const followed = await follow();
  return "refused" in followed ? { ...example, refused: `${followed.refused} Here is an example instead.` } : { ...followed, example: "" };
}

/** What the link of the tab holds. */
export async function follow(): Promise<{ source: Source } | { refused: string }> {
  try {
    return { source: await opened(location.hash) };
  } catch (problem) {
    const why = problem instanceof BadLink ? problem.message : "it can't be read";
    return { refused: `This link was not opened: ${why}.` };
  }
}
