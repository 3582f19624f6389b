// A manifest with a little colour: keys, comments, document marks.

import { h } from "../dom";

/** Lines beyond which colour is left out: a long list of elements costs more than it helps. */
const MOST_COLOURED = 4000;

export function manifestLines(path: string, text: string): HTMLElement {
  const lines = text.split("\n");
  const plain = lines.length > MOST_COLOURED || !/\.(ya?ml)$/.test(path);
  const content = plain ? [text] : lines.flatMap((line) => [...coloured(line), "\n"]);
  const block = h("pre", { class: "manifest" }, ...content);
  block.tabIndex = 0;
  return block;
}

function coloured(line: string): (HTMLElement | string)[] {
  if (line.startsWith("---")) {
    return [h("span", { class: "mark" }, line)];
  }
  const comment = /^(\s*)(#.*)$/.exec(line);
  if (comment !== null) {
    return [comment[1] ?? "", h("span", { class: "comment" }, comment[2] ?? "")];
  }
  const entry = /^(\s*(?:- )*)([^\s:#][^:]*?)(:(?:\s.*)?)$/.exec(line);
  if (entry === null) {
    return [line];
  }
  return [entry[1] ?? "", h("span", { class: "key" }, entry[2] ?? ""), entry[3] ?? ""];
}
