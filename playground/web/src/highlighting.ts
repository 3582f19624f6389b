// Colours by what the compiler takes each piece of text for.

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

/** In the order of the compiler's numbers. */
const CLASSES = [
  "keyword",
  "name",
  "built-in",
  "number",
  "parameter",
  "string",
  "cel",
  "comment",
  "doc-comment",
  "operator",
  "unknown",
];

const MARKS = CLASSES.map((name) => Decoration.mark({ class: `tok-${name}` }));

/** The pieces of the whole text: start, end and kind of each. */
export const showPieces = StateEffect.define<Uint32Array>();

/** Until the next answer, colours move with the text. */
export const colours = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(showPieces)) {
        return decorations(effect.value, transaction.newDoc.length);
      }
    }
    return transaction.docChanged ? before.map(transaction.changes) : before;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function decorations(pieces: Uint32Array, length: number): DecorationSet {
  const ranges = [];
  for (let at = 0; at + 2 < pieces.length; at += 3) {
    const [start = 0, end = 0, kind = 0] = pieces.subarray(at, at + 3);
    const mark = MARKS[kind];
    if (mark !== undefined && start < end && end <= length) {
      ranges.push(mark.range(start, end));
    }
  }
  return Decoration.set(ranges);
}
