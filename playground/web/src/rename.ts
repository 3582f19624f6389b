// Another name for what is under the cursor: asked for below the text, and given everywhere.

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, type Panel, keymap, showPanel } from "@codemirror/view";

import { button, h } from "./dom";
import type { Features } from "./features";

/** The name that is to be another, and where it was asked about. */
interface Renaming {
  name: string;
  pos: number;
}

const show = StateEffect.define<Renaming | null>();

export function renaming(asked: Features): Extension {
  const panel = StateField.define<Renaming | null>({
    create: () => null,
    update: (before, transaction) => {
      for (const effect of transaction.effects) {
        if (effect.is(show)) {
          return effect.value;
        }
      }
      // What was asked about has moved, or is gone.
      return transaction.docChanged ? null : before;
    },
    provide: (field) => showPanel.from(field, (renaming) => renaming && ((view) => question(asked, view, renaming))),
  });
  const ask = (view: EditorView) => {
    void begin(asked, view);
    return true;
  };
  return [panel, keymap.of([{ key: "F2", run: ask }])];
}

async function begin(asked: Features, view: EditorView): Promise<void> {
  const pos = view.state.selection.main.head;
  const { doc } = view.state;
  const found = await asked.ask("renamed", view, pos);
  if (found !== undefined && view.state.doc === doc) {
    view.dispatch({ effects: show.of({ name: found.name, pos }) });
  }
}

function question(asked: Features, view: EditorView, { name, pos }: Renaming): Panel {
  const close = () => {
    view.dispatch({ effects: show.of(null) });
    view.focus();
  };
  const input = h("input", { type: "text", class: "cm-textfield", "aria-label": `New name of ${name}` });
  input.value = name;
  input.spellcheck = false;
  const submit = h("button", { type: "submit", class: "cm-button" }, "Rename");
  const dom = h("form", { class: "cm-rename" }, input, submit, button("Cancel", { class: "cm-button" }, close));
  dom.addEventListener("submit", async (event) => {
    event.preventDefault();
    const edits = await asked.ask("rename", view, pos, input.value.trim());
    if (edits !== undefined) {
      close();
      asked.apply(edits);
    }
  });
  dom.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
    }
    // The editor's own keys are for its text.
    event.stopPropagation();
  });
  return {
    dom,
    mount: () => {
      input.focus();
      input.select();
    },
  };
}
