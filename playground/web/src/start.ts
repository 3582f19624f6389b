// Evaluated before the editor, so that the first findings are there when it is.

import { begin } from "./beginning";
import { Compiler } from "./compiler";
import { packageText } from "./source";

export const compiler = new Compiler();

export const beginning = begin();

/** The check of it. */
export const asked = beginning.then(({ source }) => compiler.ask("check", packageText(source)));

// Who shows it says what came of it.
asked.catch(() => {});

const parsed = new Promise<void>((done) => {
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => done(), { once: true });
  } else {
    done();
  }
});

// While the editor is evaluated, a worker that has not begun would wait for it.
void Promise.all([compiler.begun, parsed]).then(() => import("./main"));
