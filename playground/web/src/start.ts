// Evaluated before everything else of the page, so that the compiler is under way while the editor is still being made.

import { Compiler } from "./compiler";

export const compiler = new Compiler();
