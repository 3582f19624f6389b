// Tabs as the ARIA practices describe them: arrows move between them, one is in the tab order.

import { h } from "./dom";

export interface Tab {
  id: string;
  label: string;
  /** The whole of a label that is shortened. */
  title?: string;
  /** A count or a word behind the label. */
  note?: string;
  tone?: string;
  panel: string;
}

/** Draws tabs into a list; calls back with the one that is chosen. */
export function drawTabs(list: HTMLElement, tabs: Tab[], selected: string, choose: (id: string) => void): void {
  const had = list.contains(document.activeElement);
  const elements = tabs.map((tab) => tabElement(tab, tab.id === selected, choose));
  list.replaceChildren(...elements);
  list.onkeydown = (event) => {
    const at = tabs.findIndex((tab) => tab.id === selected);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : tabs[(at + step + tabs.length) % tabs.length];
    if (next !== undefined && event.target instanceof HTMLElement && event.target.role === "tab") {
      event.preventDefault();
      choose(next.id);
    }
  };
  if (had) {
    elements.find((_, at) => tabs[at]?.id === selected)?.focus();
  }
}

function tabElement(tab: Tab, selected: boolean, choose: (id: string) => void): HTMLElement {
  const element = h(
    "button",
    { type: "button", role: "tab", "aria-selected": String(selected), "aria-controls": tab.panel, "data-tab": tab.id },
    tab.label,
    tab.note !== undefined && h("span", { class: `count ${tab.tone ?? ""}` }, tab.note),
  );
  element.title = tab.title ?? "";
  element.tabIndex = selected ? 0 : -1;
  element.addEventListener("click", () => choose(tab.id));
  return element;
}
