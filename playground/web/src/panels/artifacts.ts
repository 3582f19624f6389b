// What a build gives, by cluster.

import { button, counted, h } from "../dom";
import { isRefused, type ArtifactFile, type Artifacts, type Checked, type Image, type ImageMap } from "../protocol";
import { summary } from "../findings";
import { manifestLines } from "./manifest";
import type { Context, Panel } from "./panel";

export function artifactsPanel({ compiler, doing }: Context): Panel {
  const list = h("nav", { class: "files", "aria-label": "Artifacts" });
  const viewer = h("div", { class: "viewer" });
  const element = h("div", { class: "artifacts" }, list, viewer);
  let chosen = "";
  let artifacts: Artifacts | undefined;

  async function update(checked: Checked): Promise<void> {
    if (checked.diagnostics.some((found) => found.severity === "error")) {
      artifacts = undefined;
      list.replaceChildren();
      viewer.replaceChildren(
        h("p", { class: "empty" }, `Nothing is built while there is something wrong: ${summary(checked.diagnostics)}.`),
      );
      return;
    }
    const { answer } = await compiler.ask("build");
    artifacts = answer;
    if (answer.files.length === 0) {
      list.replaceChildren();
      const why = summary(answer.diagnostics) || "the fleet has no target that gives any";
      viewer.replaceChildren(h("p", { class: "empty" }, `There are no artifacts: ${why}.`));
      return;
    }
    if (!answer.files.some((file) => file.path === chosen)) {
      chosen = (answer.files.find((file) => file.cluster !== null) ?? answer.files[0])?.path ?? "";
    }
    drawList(answer.files);
    await show();
  }

  function drawList(files: ArtifactFile[]): void {
    const groups = new Map<string, ArtifactFile[]>();
    for (const file of files) {
      const owner = file.cluster ?? "the fleet";
      groups.set(owner, [...(groups.get(owner) ?? []), file]);
    }
    const sections = [...groups].map(([owner, files]) =>
      h("section", {}, h("h3", {}, owner), ...files.map((file) => fileButton(file))),
    );
    list.replaceChildren(...sections);
  }

  function fileButton(file: ArtifactFile): HTMLElement {
    const name = file.cluster === null ? file.path : file.path.replace(`clusters/${file.cluster}/`, "");
    const act = () => {
      chosen = file.path;
      for (const other of list.querySelectorAll("button")) {
        other.setAttribute("aria-current", String(other.dataset["path"] === chosen));
      }
      void show();
    };
    const current = String(file.path === chosen);
    return button(name, { class: "file", "data-path": file.path, "aria-current": current, title: file.path }, act);
  }

  async function show(): Promise<void> {
    const file = artifacts?.files.find((each) => each.path === chosen);
    if (file === undefined) {
      return;
    }
    const head = h("header", {}, h("code", {}, file.path), h("span", { class: "size" }, size(file.size)));
    if (file.text !== null) {
      const { text } = file;
      head.append(button("Copy", { class: "quiet" }, () => void navigator.clipboard.writeText(text)));
      viewer.replaceChildren(head, manifestLines(file.path, text));
      return;
    }
    const { answer } = await compiler.ask("image", file.path);
    if (chosen === file.path) {
      viewer.replaceChildren(head, isRefused(answer) ? h("p", { class: "empty" }, answer.refused) : tables(answer));
    }
  }

  function tables(image: Image): HTMLElement {
    const filter = h("input", { type: "search", class: "filter", "aria-label": "Only entries that hold" });
    filter.placeholder = "Only entries that hold…";
    const body = h("div", { class: "maps" });
    const draw = () => body.replaceChildren(...image.maps.flatMap((map) => table(map, filter.value.trim())));
    filter.addEventListener("input", draw);
    draw();
    return h("div", { class: "image" }, filter, body);
  }

  function table(map: ImageMap, wanted: string): HTMLElement[] {
    const holds = (text: string | null) => text !== null && text.includes(wanted);
    const all = map.entries.filter((row) => [row.key, row.value, row.rule, row.path].some(holds));
    if (all.length === 0 && wanted !== "") {
      return [];
    }
    const rows = all.slice(0, MOST_ROWS);
    const title = h(
      "h3",
      {},
      h("code", {}, map.name),
      map.of !== null && ` of ${map.of}`,
      h("span", { class: "count" }, `${map.entries.length} of ${map.capacity} entries`),
    );
    const line = (row: ImageMap["entries"][number]) => {
      const { path, line } = row;
      const from = path !== null && line !== null ? lineLink(path, line) : undefined;
      const rule = from === undefined ? h("span", { class: "built-in" }, row.rule) : h("code", {}, row.rule);
      return h("tr", {}, h("td", {}, row.key), h("td", {}, row.value), h("td", {}, rule, from));
    };
    const head = h("thead", {}, h("tr", {}, ...["Key", "Value", "Rule"].map((text) => h("th", {}, text))));
    const more = all.length - rows.length;
    return [
      title,
      h("div", { class: "scroll" }, h("table", {}, head, h("tbody", {}, ...rows.map(line)))),
      ...(more > 0 ? [h("p", { class: "more" }, `and ${more} more; narrow them with the field above`)] : []),
    ];
  }

  function lineLink(path: string, line: number): HTMLElement {
    const at = { line, column: 1, offset: 0, unit: -1 };
    const text = `${path}:${line}`;
    return button(text, { class: "place", title: "Show it in the editor" }, () => doing.reveal({ path, start: at, end: at }));
  }

  return { id: "artifacts", label: "Artifacts", element, update };
}

/** Rows of one map that are drawn at once. */
const MOST_ROWS = 300;

function size(bytes: number): string {
  return bytes < 10_000 ? counted(bytes, "byte") : `${Math.round(bytes / 1024)} KiB`;
}
