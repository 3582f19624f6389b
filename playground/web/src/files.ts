// The package's files as tabs, and what can be done with them.

import { button, h } from "./dom";
import type { Finding } from "./protocol";
import { LOCK, type Source, pathProblem, paths } from "./source";
import { type Tab, drawTabs } from "./tabs";

/** What the page does with its files. */
export interface Events {
  /** The package as it is now. */
  source: () => Source;
  choose: (path: string) => void;
  added: (path: string) => void;
  renamed: (from: string, to: string) => void;
  removed: (path: string) => void;
  /** What was asked for can't be done. */
  refused: (why: string) => void;
}

export class Files {
  readonly #host: HTMLElement;
  readonly #events: Events;
  readonly #list = h("div", { role: "tablist", id: "file-tabs", "aria-label": "Files" });
  readonly #actions = h("div", { class: "actions" });
  #open = "";

  constructor(host: HTMLElement, events: Events) {
    this.#host = host;
    this.#events = events;
    this.close();
  }

  /** Closes the question for a name. */
  close(): void {
    this.#host.replaceChildren(this.#list, this.#actions);
  }

  draw(open: string, findings: Finding[]): void {
    const known = paths(this.#events.source());
    const tabs = known.map((path) => tab(path, known, findings));
    drawTabs(this.#list, tabs, open, this.#events.choose);
    const actions = [
      action("+", "Add a file", () => this.#name("")),
      open !== LOCK && action("✎", `Rename ${open}`, () => this.#name(open)),
      known.length > 1 && action("×", `Delete ${open}`, () => this.#events.removed(open)),
    ].filter((each) => each !== false);
    if (open !== this.#open || actions.length !== this.#actions.children.length) {
      this.#open = open;
      this.#actions.replaceChildren(...actions);
    }
  }

  /** Asks for a name in the place of the tabs: for a new file, or for the one that had another before. */
  #name(before: string): void {
    const label = before === "" ? "Name of the new file" : `New name of ${before}`;
    const input = h("input", { type: "text", "aria-label": label });
    input.value = before;
    input.placeholder = "teams/shop/shop.fleetnet";
    input.spellcheck = false;
    const submit = h("button", { type: "submit", class: "primary" }, before === "" ? "Add" : "Rename");
    const cancel = button("Cancel", { class: "quiet" }, () => this.close());
    const form = h("form", { class: "naming" }, input, submit, cancel);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#named(before, input.value.trim());
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.close();
      }
    });
    this.#host.replaceChildren(form);
    input.focus();
    input.select();
  }

  #named(before: string, path: string): void {
    const taken = path !== before && this.#events.source().files[path] !== undefined;
    const problem = taken ? "there is a file of that name" : pathProblem(path);
    if (problem !== undefined) {
      this.#events.refused(`That can't be the name: ${problem}.`);
      return;
    }
    this.close();
    if (before === "") {
      this.#events.added(path);
    } else if (path !== before) {
      this.#events.renamed(before, path);
    }
  }
}

function action(text: string, title: string, act: () => void): HTMLElement {
  return button(text, { class: "quiet", title, "aria-label": title }, act);
}

function tab(path: string, known: string[], findings: Finding[]): Tab {
  const own = findings.filter((found) => found.path === path && found.severity !== "note");
  const tab = { id: path, label: shortened(path, known), title: path, panel: "editor" };
  if (own.length === 0) {
    return tab;
  }
  const tone = own.some((found) => found.severity === "error") ? "error" : "warning";
  return { ...tab, note: String(own.length), tone };
}

/** As many of a path's last parts as tell it from the others. */
function shortened(path: string, known: string[]): string {
  const parts = path.split("/");
  const ends = parts.map((_, at) => parts.slice(-1 - at).join("/"));
  const others = known.filter((other) => other !== path);
  return ends.find((end) => !others.some((other) => other === end || other.endsWith(`/${end}`))) ?? path;
}
