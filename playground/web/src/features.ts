// What the compiler knows while somebody types: words to go on with, how a statement is written, what a name is, where it is declared, layout.

import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  autocompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import { forEachDiagnostic } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { EditorView, type KeyBinding, type Tooltip, hoverTooltip, keymap } from "@codemirror/view";

import { h, prose } from "./dom";
import { at } from "./positions";
import type { Hover, Item, Place, Questions } from "./protocol";
import { renaming } from "./rename";
import { signatures } from "./signature";

/** What the features ask, and what they do beyond the open file. */
export interface Features {
  /** Asks about a place of the open file as it is; nothing where there is no answer. */
  ask: <C extends keyof Questions>(call: C, view: EditorView, pos: number, name?: string) => Promise<Questions[C] | undefined>;
  /** Shows a place of any file. */
  show: (place: Place) => void;
  /** Replaces places of any files. */
  apply: (edits: Edit[]) => void;
  /** Says why something can't be done. */
  refused: (why: string) => void;
}

/** One replacement. */
export type Edit = Place & { replacement: string };

/** Words as the language has them. */
const WORD = /\$?[\p{L}\p{N}\-._/:%*+@]+$/u;

export function features(asked: Features): Extension {
  return [
    autocompletion({ override: [(context) => complete(asked, context)], icons: false, optionClass: ({ type }) => `cm-item-${type}` }),
    hoverTooltip((view, pos) => hover(asked, view, pos)),
    renaming(asked),
    signatures(asked),
    keymap.of([...completionKeymap, ...keys(asked)]),
    EditorView.domEventHandlers({
      mousedown: (event, view) => {
        const pos = event.ctrlKey || event.metaKey ? view.posAtCoords(event) : null;
        if (pos === null || event.button !== 0) {
          return false;
        }
        event.preventDefault();
        void define(asked, view, pos);
        return true;
      },
    }),
  ];
}

/** Replaces what has no layout yet in the open file. */
export async function format(asked: Features, view: EditorView): Promise<void> {
  const edits = await asked.ask("format", view, view.state.selection.main.head);
  if (edits !== undefined) {
    asked.apply(edits);
  }
}

function keys(asked: Features): KeyBinding[] {
  const command = (act: (view: EditorView) => void) => (view: EditorView) => {
    act(view);
    return true;
  };
  return [
    { key: "F12", run: command((view) => void define(asked, view, view.state.selection.main.head)) },
    { key: "Shift-Alt-f", run: command((view) => void format(asked, view)), preventDefault: true },
    { key: "Mod-.", run: fix },
  ];
}

async function complete(asked: Features, context: CompletionContext): Promise<CompletionResult | null> {
  const typed = context.matchBefore(WORD)?.text ?? "";
  const { view } = context;
  if (view === undefined || (typed === "" && !context.explicit)) {
    return null;
  }
  const found = await asked.ask("complete", view, context.pos);
  if (found === undefined || context.aborted) {
    return null;
  }
  const from = found.path === undefined ? context.pos : at(context.state.doc, found.start);
  const options = found.items.map(option);
  // Behind the name of a namespace other words follow than before.
  const same = (text: string) => text.includes("/") === typed.includes("/") && (text === "" || WORD.exec(text)?.[0] === text);
  return { from, options, validFor: same };
}

function option({ text, kind, detail }: Item): Completion {
  // Names before what is built in, and both before keywords, where they fit alike.
  const boost = kind === "keyword" ? -1 : kind === "built-in" ? 0 : 1;
  return { label: text, type: kind, boost, ...(detail !== undefined && { detail }) };
}

async function hover(asked: Features, view: EditorView, pos: number): Promise<Tooltip | null> {
  const found = await asked.ask("hover", view, pos);
  if (found === undefined) {
    return null;
  }
  const { doc } = view.state;
  return { pos: at(doc, found.start), end: at(doc, found.end), above: true, create: () => ({ dom: declared(found) }) };
}

function declared({ declared }: Hover): HTMLElement {
  const parts = declared.flatMap(({ head, doc, facts }) => [
    h("code", { class: "cm-hover-head" }, head),
    ...(doc === null ? [] : [h("div", {}, prose(doc))]),
    ...facts.map((fact) => h("div", { class: "cm-help" }, prose(fact))),
  ]);
  return h("div", { class: "cm-hover" }, ...parts);
}

async function define(asked: Features, view: EditorView, pos: number): Promise<void> {
  const [first] = (await asked.ask("define", view, pos)) ?? [];
  if (first === undefined) {
    asked.refused("Nothing here is declared anywhere.");
  } else {
    asked.show(first);
  }
}

/** Applies the first fix of what is underlined at the cursor. */
function fix(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  let act: (() => void) | undefined;
  forEachDiagnostic(view.state, (found, from, to) => {
    const [action] = found.actions ?? [];
    if (action !== undefined && from <= head && head <= to) {
      act ??= () => action.apply(view, from, to);
    }
  });
  act?.();
  return act !== undefined;
}
