// The editor's questions to the compiler: about the text as it is when they are asked, and dropped where it is another by the answer.

import type { EditorView } from "@codemirror/view";

import { type Compiler, Unavailable } from "./compiler";
import type { Edit, Features } from "./features";
import { type Place, type Questions, isRefused } from "./protocol";

/** What the page does with answers. */
export interface Events {
  /** The open file, with the text as it is. */
  open: () => { path: string; text: string };
  show: (place: Place) => void;
  apply: (edits: Edit[]) => void;
  refused: (why: string) => void;
}

export class Asking {
  readonly #compiler: Compiler;
  readonly #events: Events;

  constructor(compiler: Compiler, events: Events) {
    this.#compiler = compiler;
    this.#events = events;
  }

  get features(): Features {
    const { show, apply, refused } = this.#events;
    return { ask: (call, view, pos, name) => this.#ask(call, view, pos, name), show, apply, refused };
  }

  async #ask<C extends keyof Questions>(call: C, view: EditorView, pos: number, name?: string): Promise<Questions[C] | undefined> {
    const { doc } = view.state;
    const line = doc.lineAt(pos);
    const question = { ...this.#events.open(), line: line.number, unit: pos - line.from, ...(name !== undefined && { name }) };
    try {
      const { answer } = await this.#compiler.ask(call, JSON.stringify(question));
      if (answer === null || view.state.doc !== doc) {
        return undefined;
      }
      if (isRefused(answer)) {
        this.#events.refused(`${answer.refused[0]?.toUpperCase()}${answer.refused.slice(1)}.`);
        return undefined;
      }
      return answer as Questions[C];
    } catch (problem) {
      // Why there is no compiler is told elsewhere.
      if (problem instanceof Unavailable) {
        return undefined;
      }
      throw problem;
    }
  }
}
