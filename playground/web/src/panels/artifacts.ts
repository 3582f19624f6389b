// What a build gives, by cluster.

import { button, counted, h } from "../dom";
import { isRefused, type ArtifactFile, type Artifacts, type Checked, type Image, type ImageMap } from "../protocol";
import { summary } from "../findings";
import { manifestLines } from "./manifest";
import type { Context, Panel } from "./panel";

export function artifactsPanel({ compiler, doing: clicks, attempt }: Context): Panel {
  const list = h("nav", { class: "files", "aria-label": "Artifacts" });
  const viewer = h("div", { class: "viewer" });
  const element = h("div", { class: "artifacts" }, list, viewer);
  let chosen = "";
  let artifacts: Artifacts | undefined;
  let doing = clicks();
  /** Counts what was asked for; an answer to an older question is dropped. */
  let turn = 0;

  async function update(checked: Checked): Promise<void> {
    const own = ++turn;
    const errors = checked.diagnostics.filter((found) => found.severity === "error");
    if (errors.length > 0) {
      say(`Nothing is built while there is something wrong: ${summary(errors)}.`);
      return;
    }
    const asked = clicks();
    const { answer } = await compiler.ask("build");
    if (own !== turn) {
      return;
    }
    if (isRefused(answer)) {
      say(`There are no artifacts: ${answer.refused}.`);
      return;
    }
    if (answer.files.length === 0) {
      say(`There are no artifacts: ${summary(answer.diagnostics) || "the fleet has no target that gives any"}.`);
      return;
    }
    artifacts = answer;
    doing = asked;
    if (!answer.files.some((file) => file.path === chosen)) {
      chosen = (answer.files.find((file) => file.cluster !== null) ?? answer.files[0])?.path ?? "";
    }
    drawList(answer.files);
    await show();
  }

  /** Says why there is nothing. */
  function say(why: string): void {
    artifacts = undefined;
    list.replaceChildren();
    viewer.replaceChildren(h("p", { class: "empty" }, why));
  }

  function reset(): void {
    turn += 1;
    chosen = "";
    artifacts = undefined;
    list.replaceChildren();
    viewer.replaceChildren();
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
      attempt(show);
    };
    const current = String(file.path === chosen);
    return button(name, { class: "file", "data-path": file.path, "aria-current": current, title: file.path }, act);
  }

  async function show(): Promise<void> {
    const own = ++turn;
    const file = artifacts?.files.find((each) => each.path === chosen);
    if (file === undefined) {
      return;
    }
    const head = h("header", {}, h("code", {}, file.path), h("span", { class: "size" }, size(file.size)));
    const content = file.path.endsWith(IMAGE) ? await table(file.path) : await text(file.path, head);
    if (own === turn) {
      viewer.replaceChildren(head, content);
    }
  }

  async function text(path: string, head: HTMLElement): Promise<HTMLElement> {
    const { answer } = await compiler.ask("artifact", path);
    if (isRefused(answer)) {
      return h("p", { class: "empty" }, answer.refused);
    }
    head.append(button("Copy", { class: "quiet" }, () => void navigator.clipboard.writeText(answer)));
    return manifestLines(path, answer);
  }

  async function table(path: string): Promise<HTMLElement> {
    const { answer } = await compiler.ask("image", path);
    return isRefused(answer) ? h("p", { class: "empty" }, answer.refused) : tables(answer);
  }

  function tables(image: Image): HTMLElement {
    const filter = h("input", { type: "search", class: "filter", "aria-label": "Only entries that hold" });
    filter.placeholder = "Only entries that hold…";
    const body = h("div", { class: "maps" });
    const draw = () => body.replaceChildren(...image.maps.flatMap((map) => rowsOf(map, filter.value.trim())));
    filter.addEventListener("input", draw);
    draw();
    return h("div", { class: "image" }, filter, body);
  }

  function rowsOf(map: ImageMap, wanted: string): HTMLElement[] {
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
    const at = { line, column: 1, offset: 0, unit: 0 };
    const text = `${path}:${line}`;
    return button(text, { class: "place", title: "Show it in the editor" }, () => doing.reveal({ path, start: at, end: at }));
  }

  return { id: "artifacts", label: "Artifacts", element, update, reset };
}

/** How the names of map images end. */
const IMAGE = ".fnimg";

/** Rows of one map that are drawn at once. */
const MOST_ROWS = 300;

function size(bytes: number): string {
  return bytes < 10_000 ? counted(bytes, "byte") : `${Math.round(bytes / 1024)} KiB`;
}
