// Evaluated while the editor is still being loaded, so that the first findings are there when it is.

import { begin } from "./beginning";
import { Compiler } from "./compiler";
import { packageText } from "./source";

export const compiler = new Compiler();

export const beginning = begin();

/** The check of it. */
export const asked = beginning.then(({ source }) => compiler.ask("check", packageText(source)));

// Who shows it says what came of it.
asked.catch(() => {});
