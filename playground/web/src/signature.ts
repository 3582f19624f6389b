// How the statement at the cursor is written, above it, with the part that comes next.

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { EditorView, type Tooltip, type ViewUpdate, keymap, showTooltip } from "@codemirror/view";

import { h, prose } from "./dom";
import type { Features } from "./features";
import type { Signature } from "./protocol";

const show = StateEffect.define<Tooltip | null>();

/** It moves along with what is typed, until there is a newer one. */
const shown = StateField.define<Tooltip | null>({
  create: () => null,
  update: (before, { changes, docChanged, effects }) => {
    const newer = effects.filter((effect) => effect.is(show)).at(-1);
    if (newer !== undefined) {
      return newer.value;
    }
    return before === null || !docChanged ? before : { ...before, pos: changes.mapPos(before.pos) };
  },
  provide: (field) => showTooltip.from(field),
});

export function signatures(asked: Features): Extension {
  const open = (view: EditorView) => {
    void ask(asked, view, () => true);
    return true;
  };
  return [
    shown,
    EditorView.updateListener.of((update) => follow(asked, update)),
    keymap.of([
      { key: "Mod-Shift-Space", run: open, preventDefault: true },
      { key: "Escape", run: close },
    ]),
  ];
}

/** Opens behind a blank that is typed where a statement was begun; once it is open, it is of the statement at the cursor. */
function follow(asked: Features, { view, state, docChanged, selectionSet, transactions }: ViewUpdate): void {
  if (!docChanged && !selectionSet) {
    return;
  }
  const { head } = state.selection.main;
  if (state.field(shown) !== null) {
    void ask(asked, view, () => true);
  } else if (transactions.some((each) => each.isUserEvent("input.type")) && state.sliceDoc(head - 1, head) === " ") {
    void ask(asked, view, ({ begun }) => begun);
  }
}

/** Shows how the statement at the cursor is written, if it is wanted, or nothing; who has gone on since has asked anew, and what was closed stays so. */
async function ask(asked: Features, view: EditorView, wanted: (found: Signature) => boolean): Promise<void> {
  const { doc, selection } = view.state;
  const open = view.state.field(shown) !== null;
  const found = await asked.ask("signature", view, selection.main.head);
  const before = view.state.field(shown);
  const closed = open && before === null;
  if (closed || view.state.doc !== doc || !view.state.selection.eq(selection)) {
    return;
  }
  if (found === undefined || !wanted(found)) {
    close(view);
    return;
  }
  const { head } = selection.main;
  // On the same line it stays where it is.
  const pos = before !== null && doc.lineAt(before.pos).from === doc.lineAt(head).from ? before.pos : head;
  view.dispatch({ effects: show.of({ pos, above: true, create: () => ({ dom: form(found) }) }) });
}

function close(view: EditorView): boolean {
  const open = view.state.field(shown) !== null;
  if (open) {
    view.dispatch({ effects: show.of(null) });
  }
  return open;
}

function form({ before, active, behind, about }: Signature): HTMLElement {
  const code = h("code", {}, before, h("span", { class: "cm-signature-part" }, active), behind);
  return h("div", { class: "cm-signature" }, code, h("div", { class: "cm-help" }, prose(about)));
}
