// What holds the page together: one package, checked as it is typed, the latest text winning.

import { type Compiler, Unavailable } from "./compiler";
import { byId, h } from "./dom";
import { Editor } from "./editor";
import { EXAMPLES } from "./examples";
import { type Doing, findingItem, summary } from "./findings";
import { drawFiles } from "./files";
import { fragment } from "./link";
import { forget, remember } from "./memory";
import { artifactsPanel } from "./panels/artifacts";
import { mapPanel } from "./panels/map";
import type { Panel } from "./panels/panel";
import { promisesPanel } from "./panels/promises";
import { whyPanel } from "./panels/why";
import { type Checked, type Finding, type Place, isRefused } from "./protocol";
import { LOCK, type Source, packageText, paths } from "./source";
import { drawTabs } from "./tabs";
import { themes } from "./theme";

/** Texts beyond this many letters are shown without colours. */
const MOST_COLOURED = 400_000;

export class App {
  readonly #compiler: Compiler;
  readonly #editor: Editor;
  readonly #panels: Panel[];
  #source: Source = { files: {}, params: {} };
  #checked: Checked | undefined;
  #shown = "map";
  /** Counts the states of the package; an answer about an older one is dropped. */
  #generation = 0;
  #checking = false;
  #scheduled = false;
  #changedAt: number | undefined;

  readonly #findings = byId("findings", HTMLElement);
  readonly #status = byId("status", HTMLElement);
  readonly #example = byId("example", HTMLSelectElement);

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
    compiler.stopped = (why) => this.tell(`The compiler stopped and was started again: ${why}.`, "refused");
    this.#editor = new Editor(byId("editor", HTMLElement), { changed: (text) => this.#typed(text) });
    const doing: Doing = { reveal: (place) => this.reveal(place), fix: (place, text) => this.#fix(place, text) };
    const context = { compiler, doing };
    const why = whyPanel(context);
    const askWhy = (from: string, to: string, ports: string) => {
      this.#show("why");
      why.ask(from, to, ports);
    };
    this.#panels = [mapPanel(context, askWhy), promisesPanel(context), why, artifactsPanel(context)];
    byId("panels", HTMLElement).append(...this.#panels.map(({ element, id }) => framed(element, id)));
    this.#drawPanelTabs();
    this.#drawHeader();
    compiler.available().catch((problem: unknown) => this.#unavailable(problem));
  }

  /** Opens a package in the place of the one before. */
  open(source: Source, example = ""): void {
    this.#source = structuredClone(source);
    this.#example.value = example;
    this.#editor.forget();
    this.#checked = undefined;
    this.#openFile(paths(this.#source)[0] ?? LOCK);
    this.#changed();
  }

  /** Says something that goes away by itself. */
  tell(text: string, tone: "done" | "refused"): void {
    const toast = byId("toast", HTMLElement);
    toast.textContent = text;
    toast.className = `toast ${tone} shown`;
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => toast.classList.remove("shown"), tone === "done" ? 4000 : 12_000);
  }
  #toastTimer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a place in the editor. */
  reveal(place: Place): void {
    if (this.#source.files[place.path] === undefined) {
      return;
    }
    this.#openFile(place.path);
    if (place.start.unit < 0) {
      const from = this.#editor.lineStart(place.start.line);
      this.#editor.reveal(from, from);
    } else {
      this.#editor.reveal(place.start.unit, place.end.unit);
    }
  }

  #typed(text: string): void {
    this.#source.files[this.#editor.path] = text;
    this.#changedAt ??= performance.now();
    this.#changed();
  }

  /** At most one check a frame, and one at a time. */
  #changed(): void {
    this.#generation += 1;
    document.documentElement.dataset["settled"] = "false";
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => void this.#check());
    }
  }

  async #check(): Promise<void> {
    if (this.#checking) {
      return;
    }
    this.#scheduled = false;
    this.#checking = true;
    const generation = this.#generation;
    const since = this.#changedAt;
    this.#changedAt = undefined;
    this.#colour();
    try {
      const { answer, milliseconds } = await this.#compiler.ask("check", packageText(this.#source));
      if (generation === this.#generation && !isRefused(answer)) {
        this.#take(answer, milliseconds);
        performance.measure("fleetnet:first", { start: 0 });
        if (since !== undefined) {
          performance.measure("fleetnet:edit", { start: since });
        }
        remember(this.#source);
      }
    } catch (problem) {
      this.#unavailable(problem);
    } finally {
      this.#checking = false;
      if (generation !== this.#generation) {
        // The next frame, so that a burst of keys is one check.
        requestAnimationFrame(() => void this.#check());
      } else {
        document.documentElement.dataset["settled"] = "true";
        void this.#updatePanel();
      }
    }
  }

  #colour(): void {
    const { doc } = this.#editor;
    if (doc.length > MOST_COLOURED) {
      return;
    }
    this.#compiler.highlight(doc.toString()).then(
      (pieces) => this.#editor.colour(doc, pieces),
      () => {},
    );
  }

  #take(checked: Checked, milliseconds: number): void {
    this.#checked = checked;
    this.#editor.mark(checked.diagnostics);
    const { diagnostics } = checked;
    const doing: Doing = { reveal: (place) => this.reveal(place), fix: (place, text) => this.#fix(place, text) };
    const items = diagnostics.slice(0, MOST_FINDINGS).map((found) => findingItem(found, doing));
    const more = diagnostics.length - items.length;
    this.#findings.replaceChildren(
      diagnostics.length === 0
        ? h("p", { class: "empty good" }, "Nothing to be said against it: every test and invariant is proven.")
        : h("ul", { class: "findings" }, ...items, more > 0 && h("li", { class: "more" }, `and ${more} more`)),
    );
    const said = summary(diagnostics) || "no findings";
    this.#status.textContent = `${said} · ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
    this.#status.dataset["tone"] = worst(diagnostics);
    byId("finding-count", HTMLElement).textContent = summary(diagnostics);
    this.#drawFiles();
    this.#drawPanelTabs();
  }

  async #updatePanel(): Promise<void> {
    const panel = this.#panels.find(({ id }) => id === this.#shown);
    if (panel === undefined || this.#checked === undefined) {
      return;
    }
    try {
      await panel.update(this.#checked);
    } catch (problem) {
      if (!(problem instanceof Unavailable)) {
        throw problem;
      }
    }
  }

  #fix(place: Place, replacement: string): void {
    this.#openFile(place.path);
    this.#editor.replace(place.start.unit, place.end.unit, replacement);
    const { unit } = place.start;
    this.#editor.reveal(unit, unit + replacement.length);
  }

  #openFile(path: string): void {
    if (path !== this.#editor.path) {
      this.#editor.open(path, this.#source.files[path] ?? "");
      this.#editor.mark(this.#checked?.diagnostics ?? []);
      this.#colour();
    }
    this.#drawFiles();
  }

  #drawFiles(): void {
    drawFiles(byId("files", HTMLElement), {
      source: this.#source,
      open: this.#editor.path,
      findings: this.#checked?.diagnostics ?? [],
      choose: (path) => this.#openFile(path),
      changed: (source, open) => {
        this.#source = source;
        this.#editor.forget();
        this.#openFile(open);
        this.#changed();
      },
      refused: (why) => this.tell(why, "refused"),
    });
  }

  #show(id: string): void {
    this.#shown = id;
    this.#drawPanelTabs();
    void this.#updatePanel();
  }

  #drawPanelTabs(): void {
    const promises = this.#checked?.promises ?? [];
    const broken = promises.filter(({ standing }) => standing === "broken").length;
    const kept = promises.filter(({ standing }) => standing === "kept").length;
    const tabs = this.#panels.map(({ id, label }) => {
      const tab = { id, label, panel: `panel-${id}` };
      if (id !== "tests" || promises.length === 0) {
        return tab;
      }
      return { ...tab, note: broken > 0 ? `${broken} broken` : `${kept}`, tone: broken > 0 ? "error" : "good" };
    });
    drawTabs(byId("panel-tabs", HTMLElement), tabs, this.#shown, (id) => this.#show(id));
    for (const { id } of this.#panels) {
      byId(`panel-${id}`, HTMLElement).hidden = id !== this.#shown;
    }
  }

  #drawHeader(): void {
    for (const { name, about } of EXAMPLES) {
      const option = h("option", { title: about }, name);
      option.value = name;
      this.#example.append(option);
    }
    this.#example.addEventListener("change", () => {
      const example = EXAMPLES.find(({ name }) => name === this.#example.value);
      if (example !== undefined) {
        history.replaceState(null, "", location.pathname);
        forget();
        this.open(example.source, example.name);
      }
    });
    byId("share", HTMLButtonElement).addEventListener("click", () => void this.#share());
    const toggle = byId("theme", HTMLButtonElement);
    const flip = themes((theme) => {
      const other = theme === "dark" ? "light" : "dark";
      toggle.title = `Use the ${other} theme`;
      toggle.setAttribute("aria-label", toggle.title);
    });
    toggle.addEventListener("click", flip);
  }

  async #share(): Promise<void> {
    const hash = await fragment(this.#source);
    history.replaceState(null, "", hash);
    remember(this.#source);
    const size = `${Math.ceil(hash.length / 1000)} kB`;
    const held = `It holds the whole source (${size}); nobody else has it.`;
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell(`The link is copied. ${held}`, "done");
    } catch {
      this.tell(`The link is in the address bar. ${held}`, "done");
    }
  }

  #unavailable(problem: unknown): void {
    const why = problem instanceof Error ? problem.message : String(problem);
    this.#status.textContent = "no compiler";
    this.#status.dataset["tone"] = "error";
    const note = `The compiler is not there: ${why}. The same findings come from the program: fleetnet check.`;
    this.#findings.replaceChildren(h("p", { class: "empty" }, note));
  }
}

/** Findings that are listed; more of them hide what matters. */
const MOST_FINDINGS = 100;

function worst(findings: Finding[]): string {
  const severities = ["error", "warning", "note"] as const;
  return severities.find((severity) => findings.some((found) => found.severity === severity)) ?? "good";
}

function framed(element: HTMLElement, id: string): HTMLElement {
  const frame = h("div", { class: "panel", role: "tabpanel", id: `panel-${id}` }, element);
  frame.tabIndex = -1;
  return frame;
}
