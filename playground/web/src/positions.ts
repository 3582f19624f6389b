// Places as the compiler counts them, in the editor's text and in the text of any file.

import type { Text } from "@codemirror/state";

import type { Place, Position } from "./protocol";

/** Where a position is; of a text that is another by now, somewhere near. */
export function at(doc: Text, { line, unit }: Position): number {
  const { from, to } = doc.line(Math.max(1, Math.min(line, doc.lines)));
  return Math.min(from + unit, to);
}

/** A text after replacements of places that are apart. */
export function replaced(text: string, edits: (Place & { replacement: string })[]): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const index = ({ line, unit }: Position) => (starts[line - 1] ?? text.length) + unit;
  const backwards = edits.toSorted((a, b) => index(b.start) - index(a.start));
  return backwards.reduce((done, edit) => done.slice(0, index(edit.start)) + edit.replacement + done.slice(index(edit.end)), text);
}
