// Tabs as the ARIA practices describe them: keys move between them, one is in the tab order.

import { byId, h } from "./dom";

export interface Tab {
  id: string;
  label: string;
  /** The whole of a label that is shortened. */
  title?: string;
  /** A count or a word behind the label. */
  note?: string;
  tone?: string;
  /** The id of the element that it shows. */
  panel: string;
}

/** What each list shows. */
const drawn = new WeakMap<HTMLElement, { signature: string; selected: string }>();

/** Draws tabs into a list that has an id; calls back with the one that is chosen. */
export function drawTabs(list: HTMLElement, tabs: Tab[], selected: string, choose: (id: string) => void): void {
  const before = drawn.get(list);
  const signature = JSON.stringify([tabs, selected]);
  if (before?.signature === signature) {
    return;
  }
  drawn.set(list, { signature, selected });
  const had = list.contains(document.activeElement);
  const elements = tabs.map((tab, at) => tabElement(tab, `${list.id}-${at}`, tab.id === selected, choose));
  list.replaceChildren(...elements);
  const at = tabs.findIndex((tab) => tab.id === selected);
  list.onkeydown = (event) => {
    const next = tabs[placeAfter(event.key, at, tabs.length)];
    if (next !== undefined && event.target instanceof HTMLElement && event.target.role === "tab") {
      event.preventDefault();
      choose(next.id);
    }
  };
  // Tabs that share what they show name it by turns.
  for (const [index, { panel }] of tabs.entries()) {
    if (index === at || panel !== tabs[at]?.panel) {
      byId(panel, HTMLElement).setAttribute("aria-labelledby", `${list.id}-${index}`);
    }
  }
  const element = elements[at];
  if (had) {
    element?.focus();
  }
  if (before?.selected !== selected) {
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

/** Where a key leads to, of so many; -1 if it leads nowhere. */
function placeAfter(key: string, at: number, count: number): number {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return -1;
  }
}

function tabElement(tab: Tab, id: string, selected: boolean, choose: (id: string) => void): HTMLElement {
  const element = h(
    "button",
    { type: "button", role: "tab", id, "aria-selected": String(selected), "aria-controls": tab.panel, "data-tab": tab.id },
    tab.label,
    tab.note !== undefined && " ",
    tab.note !== undefined && h("span", { class: `count ${tab.tone ?? ""}` }, tab.note),
  );
  element.title = tab.title ?? "";
  element.tabIndex = selected ? 0 : -1;
  element.addEventListener("click", () => choose(tab.id));
  return element;
}
