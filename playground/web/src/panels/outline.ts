// What each file declares, as a way there.

import { button, h } from "../dom";
import type { Doing } from "../findings";
import type { FileOutline, OutlineItem } from "../protocol";
import type { Context, Panel } from "./panel";

export function outlinePanel(context: Context): Panel {
  const element = h("div", { class: "outline" });
  let turn = 0;

  return {
    id: "outline",
    label: "Outline",
    element,
    update: async () => {
      const own = ++turn;
      const { answer } = await context.compiler.ask("outline");
      if (own === turn) {
        const doing = context.doing();
        element.replaceChildren(...answer.map((file) => section(file, doing)));
      }
    },
    reset: () => {
      turn += 1;
      element.replaceChildren();
    },
  };
}

/** Declarations of one file that are listed. */
const MOST_SHOWN = 1000;

function section({ path, items }: FileOutline, doing: Doing): HTMLElement {
  const more = items.length - MOST_SHOWN;
  return h(
    "section",
    {},
    h("h2", {}, path, h("span", { class: "count" }, String(items.length))),
    list(items.slice(0, MOST_SHOWN), doing),
    more > 0 && h("p", { class: "more" }, `and ${more} more`),
  );
}

function list(items: OutlineItem[], doing: Doing): HTMLElement {
  return h("ul", {}, ...items.map((item) => line(item, doing)));
}

function line(item: OutlineItem, doing: Doing): HTMLElement {
  const { keyword, name, parts } = item;
  const text = h("span", { class: "outline-keyword" }, keyword);
  const link = button("", { class: "outline-line", title: "Show it in the editor" }, () => item.path !== undefined && doing.reveal(item));
  link.append(text, name === keyword ? "" : ` ${name}`);
  return h("li", {}, link, parts.length > 0 && list(parts, doing));
}
