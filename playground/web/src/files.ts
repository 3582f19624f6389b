// The package's files as tabs, and what can be done with them.

import { button, h } from "./dom";
import type { Finding } from "./protocol";
import { LOCK, type Source, pathProblem, paths } from "./source";
import { type Tab, drawTabs } from "./tabs";

export interface Files {
  source: Source;
  open: string;
  findings: Finding[];
  choose: (path: string) => void;
  /** The package has other files. */
  changed: (source: Source, open: string) => void;
  /** What was asked for can't be done. */
  refused: (why: string) => void;
}

export function drawFiles(host: HTMLElement, files: Files): void {
  const known = paths(files.source);
  const tabs = known.map((path) => tab(path, known, files));
  const list = host.querySelector<HTMLElement>("[role=tablist]") ?? h("div", { role: "tablist", "aria-label": "Files" });
  drawTabs(list, tabs, files.open, files.choose);
  const actions = h(
    "div",
    { class: "actions" },
    button("+", { class: "quiet", title: "Add a file", "aria-label": "Add a file" }, () => name(host, files, "")),
    files.open !== LOCK &&
      button("✎", { class: "quiet", title: `Rename ${files.open}`, "aria-label": `Rename ${files.open}` }, () =>
        name(host, files, files.open),
      ),
    known.length > 1 &&
      button("×", { class: "quiet", title: `Delete ${files.open}`, "aria-label": `Delete ${files.open}` }, () =>
        remove(files),
      ),
  );
  const [first, second] = host.children;
  if (first === list && second !== undefined && second.classList.contains("actions")) {
    second.replaceWith(actions);
  } else if (host.querySelector("form") === null) {
    host.replaceChildren(list, actions);
  }
}

function tab(path: string, known: string[], { findings }: Files): Tab {
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

/** Asks for a name in the place of the tabs. */
function name(host: HTMLElement, files: Files, before: string): void {
  const input = h("input", { type: "text", "aria-label": before === "" ? "Name of the new file" : `New name of ${before}` });
  input.value = before;
  input.placeholder = "teams/shop/shop.fleetnet";
  input.spellcheck = false;
  const form = h("form", { class: "naming" }, input, h("button", { type: "submit", class: "primary" }, before === "" ? "Add" : "Rename"));
  const leave = () => {
    form.remove();
    drawFiles(host, files);
  };
  form.append(button("Cancel", { class: "quiet" }, leave));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const path = input.value.trim();
    const taken = path !== before && files.source.files[path] !== undefined;
    const problem = taken ? "there is a file of that name" : pathProblem(path);
    if (problem !== undefined) {
      files.refused(`That can't be the name: ${problem}.`);
      return;
    }
    form.remove();
    const { [before]: text = "", ...others } = files.source.files;
    files.changed({ ...files.source, files: { ...(before === "" ? files.source.files : others), [path]: text } }, path);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leave();
    }
  });
  host.replaceChildren(form);
  input.focus();
  input.select();
}

function remove(files: Files): void {
  const { [files.open]: _gone, ...rest } = files.source.files;
  const source = { ...files.source, files: rest };
  files.changed(source, paths(source)[0] ?? LOCK);
  files.refused(`${files.open} is deleted from this tab.`);
}
