// What holds the page together: one package, its editor, its findings and the panels.

import { Asking } from "./asking";
import { Checks } from "./checks";
import { type Compiler, type Timed, Unavailable } from "./compiler";
import { byId, counted, h } from "./dom";
import { Editor } from "./editor";
import { EXAMPLES } from "./examples";
import type { Edit } from "./features";
import { Files } from "./files";
import { type Doing, bySeverity, findingItem, summary, worst } from "./findings";
import { BadLink, fragment } from "./link";
import { remember } from "./memory";
import { artifactsPanel } from "./panels/artifacts";
import { mapPanel } from "./panels/map";
import { outlinePanel } from "./panels/outline";
import type { Context, Panel } from "./panels/panel";
import { promisesPanel } from "./panels/promises";
import { whyPanel } from "./panels/why";
import { replaced } from "./positions";
import type { Checked, Place, Refused, Standing } from "./protocol";
import { LOCK, type Source, isSource, packageText, paths } from "./source";
import { type Tab, drawTabs } from "./tabs";
import { themes } from "./theme";
import { Toast, type Tone } from "./toast";

/** Texts beyond this many letters are shown without colours and notes. */
const MOST_COLOURED = 400_000;

/** Findings that are listed; more of them hide what matters. */
const MOST_FINDINGS = 100;

/** For how long nobody writes before the panel beside is drawn anew, in milliseconds. */
const PAUSE = 150;

export class App {
  readonly #compiler: Compiler;
  readonly #editor: Editor;
  readonly #checks: Checks;
  readonly #files: Files;
  readonly #panels: Panel[];
  readonly #toast = new Toast(byId("toast", HTMLElement));
  #source: Source = { files: {}, params: {} };
  /** The name of the example that it is, or nothing. */
  #name = "";
  /** Whether somebody wrote in it since it was opened. */
  #edited = false;
  #checked: Checked | undefined;
  /** What the tab of the tests says besides its name. */
  #note: Note = {};
  #shown = "map";
  #coloured: object | undefined;
  /** How often notes were asked for. */
  #annotated = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #findings = byId("findings", HTMLElement);
  readonly #status = byId("status", HTMLElement);
  readonly #count = byId("finding-count", HTMLElement);
  readonly #params = byId("params", HTMLElement);
  readonly #example = byId("example", HTMLSelectElement);

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
    compiler.stopped = (why) => this.tell(why, "refused");
    this.#checks = new Checks(compiler, {
      text: () => packageText(this.#source),
      found: (checked, milliseconds) => this.#take(checked, milliseconds),
      failed: (why) => this.#unavailable(why),
      abandoned: (milliseconds) => {
        const seconds = (milliseconds / 1000).toFixed(1);
        this.tell(`The compiler was busy with an older text for ${seconds} s; it was started again with the newest.`, "refused");
      },
      settled: () => {
        document.documentElement.dataset["settled"] = "true";
        this.#updateSoon();
        this.#annotate();
      },
    });
    const asking = new Asking(compiler, {
      open: () => ({ path: this.#editor.path, text: this.#editor.text }),
      show: (place) => this.#reveal(place),
      apply: (edits) => this.#apply(edits),
      refused: (why) => this.tell(why, "refused"),
    });
    this.#editor = new Editor(byId("editor", HTMLElement), { changed: (path, text) => this.#typed(path, text) }, asking.features);
    this.#files = new Files(byId("files", HTMLElement), {
      source: () => this.#source,
      choose: (path) => this.#openFile(path),
      added: (path) => this.#filed({ ...this.#source.files, [path]: "" }, path),
      renamed: (from, to) => {
        const { [from]: text = "", ...others } = this.#source.files;
        this.#editor.close(from);
        this.#filed({ ...others, [to]: text }, to);
      },
      removed: (path) => this.#remove(path),
      refused: (why) => this.tell(why, "refused"),
    });
    const context: Context = { compiler, doing: () => this.#doing(), attempt: (work) => void this.#attempt(work) };
    const why = whyPanel(context);
    const askWhy = (from: string, to: string, ports: string) => {
      this.#show("why");
      why.ask(from, to, ports);
    };
    this.#panels = [mapPanel(context, askWhy), promisesPanel(context), why, outlinePanel(context), artifactsPanel(context)];
    byId("panels", HTMLElement).append(...this.#panels.map(({ element, id }) => framed(element, id)));
    this.#drawPanelTabs();
    this.#drawHeader();
    addEventListener("pagehide", () => this.#keep());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") {
        this.#keep();
      }
    });
  }

  /** Opens a package in the place of the one before. Its check may have been asked already. */
  open(source: Source, example: string, asked?: Promise<Timed<Checked | Refused>>): void {
    this.#source = structuredClone(source);
    this.#edited = false;
    this.#call(example);
    this.#checked = undefined;
    this.#note = {};
    this.#files.close();
    this.#editor.forget();
    this.#drawParams();
    this.#openFile(paths(this.#source)[0] ?? LOCK);
    this.#findings.replaceChildren();
    this.#count.textContent = "";
    this.#say("checking…", "");
    for (const panel of this.#panels) {
      panel.reset();
    }
    this.#drawPanelTabs();
    this.#changing();
    this.#checks.opened(asked);
  }

  /** Opens a package, at a place of its own; what was written in the one before can be had back. */
  exchange(source: Source, example: string, hash: string): void {
    const before = { source: this.#source, example: this.#name, hash: this.#hash, edited: this.#edited };
    this.#at(hash);
    this.open(source, example);
    if (before.edited) {
      const undo = () => {
        this.#at(before.hash);
        this.open(before.source, before.example);
        this.#edited = true;
      };
      this.tell(`${example === "" ? "The link's package" : example} is opened in the place of yours.`, "done", undo);
    }
  }

  /** Keeps the package for when the tab comes back; before one is opened, what was kept last time stays. */
  #keep(): void {
    if (isSource(this.#source)) {
      remember(this.#source);
    }
  }

  /** Says something that goes away by itself. */
  tell(text: string, tone: Tone, undo?: () => void): void {
    this.#toast.show(text, tone, undo);
  }

  #call(example: string): void {
    this.#name = example;
    this.#example.value = example;
  }

  /** The link that the package came from. */
  #hash = location.hash;

  #at(hash: string): void {
    this.#hash = hash;
    history.replaceState(null, "", hash === "" ? location.pathname : hash);
  }

  #typed(path: string, text: string): void {
    if (path !== "") {
      this.#source.files[path] = text;
      this.#editing();
    }
  }

  /** Values from outside of the source change what it means, so they stand beside it. */
  #drawParams(): void {
    const set = Object.entries(this.#source.params);
    const values = set.flatMap(([name, value], place) => [place > 0 ? ", " : "", h("code", {}, `${name}=${value}`)]);
    this.#params.replaceChildren("The package is compiled with ", ...values);
    this.#params.hidden = set.length === 0;
  }

  /** The package has other files. */
  #filed(files: Record<string, string>, open: string): void {
    this.#source = { ...this.#source, files };
    this.#openFile(open);
    this.#editing();
  }

  #remove(path: string): void {
    const { [path]: text = "", ...rest } = this.#source.files;
    this.#editor.close(path);
    this.#filed(rest, paths({ ...this.#source, files: rest })[0] ?? LOCK);
    const undo = () => this.#filed({ ...this.#source.files, [path]: text }, path);
    this.tell(`${path} is deleted from this tab.`, "done", undo);
  }

  #editing(): void {
    this.#edited = true;
    this.#call("");
    this.#changing();
    this.#checks.edited();
  }

  #changing(): void {
    document.documentElement.dataset["settled"] = "false";
    clearTimeout(this.#timer);
  }

  #colour(): void {
    const { doc } = this.#editor;
    if (doc === this.#coloured || doc.length > MOST_COLOURED) {
      return;
    }
    this.#coloured = doc;
    void this.#attempt(async () => this.#editor.colour(doc, await this.#compiler.highlight(doc.toString())));
  }

  /** Shows what the open file comes to; while somebody writes, the compiler has more urgent things to do. */
  #annotate(): void {
    if (!this.#checks.idle || this.#editor.doc.length > MOST_COLOURED) {
      return;
    }
    const asked = ++this.#annotated;
    const { dataset } = document.documentElement;
    dataset["annotated"] = "false";
    void this.#attempt(() => this.#editor.annotate()).then(() => {
      if (asked === this.#annotated) {
        dataset["annotated"] = "true";
      }
    });
  }

  #take(checked: Checked, milliseconds: number): void {
    this.#checked = checked;
    const { diagnostics, more } = checked;
    const doing = this.#doing();
    this.#editor.mark(diagnostics, doing);
    const items = bySeverity(diagnostics).slice(0, MOST_FINDINGS).map((found) => findingItem(found, doing));
    const left = diagnostics.length + more - items.length;
    this.#findings.replaceChildren(
      diagnostics.length === 0
        ? h("p", { class: "empty good" }, praise(checked))
        : h("ul", { class: "findings" }, ...items, left > 0 && h("li", { class: "more" }, `and ${left} more`)),
    );
    const said = more > 0 ? `${diagnostics.length + more} findings` : summary(diagnostics);
    const time = milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds);
    this.#say(`${said || "no findings"} · ${time} ms`, worst(diagnostics));
    this.#count.textContent = said;
    this.#files.draw(this.#editor.path, diagnostics);
    // Until it takes long, the count before says more than that there will be another.
    if (checked.finished || this.#note.note === undefined) {
      this.#note = noteOf(checked);
    }
    this.#drawPanelTabs();
    this.#colour();
    if (!checked.finished) {
      this.#updateSoon();
    }
  }

  #say(status: string, tone: string): void {
    this.#status.textContent = status;
    this.#status.dataset["tone"] = tone;
  }

  #updateSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#updatePanel(), this.#edited ? PAUSE : 0);
  }

  #updatePanel(): void {
    const panel = this.#panels.find(({ id }) => id === this.#shown);
    const checked = this.#checked;
    if (panel === undefined || checked === undefined) {
      return;
    }
    this.#note = noteOf(checked);
    this.#drawPanelTabs();
    // The others ask the compiler, which is at the proof.
    if (checked.finished || panel.id === "tests") {
      void this.#attempt(() => panel.update(checked));
    }
  }

  /** Who asks the compiler for more than findings shows nothing new where there is none; why is told elsewhere. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof Unavailable)) {
        throw problem;
      }
    }
  }

  /** What clicks do on what is drawn now: nothing to a text that is another by then. */
  #doing(): Doing {
    const generation = this.#checks.answered;
    const current = (act: () => void) => {
      if (this.#checks.isNewest(generation)) {
        act();
      } else {
        this.tell("The text is another by now, and is being checked.", "done");
      }
    };
    return {
      has: (path) => this.#source.files[path] !== undefined,
      reveal: (place) => current(() => this.#reveal(place)),
      fix: (place, text) => current(() => this.#fix(place, text)),
    };
  }

  #reveal(place: Place): void {
    if (this.#source.files[place.path] !== undefined) {
      this.#openFile(place.path);
      this.#editor.reveal(place);
    }
  }

  #fix(place: Place, replacement: string): void {
    this.#openFile(place.path);
    this.#editor.replace(place, replacement);
  }

  /** Replaces places of any files, each as one change. */
  #apply(edits: Edit[]): void {
    const { path: open } = this.#editor;
    const others = new Set(edits.map(({ path }) => path).filter((path) => path !== open));
    for (const path of others) {
      this.#source.files[path] = replaced(this.#source.files[path] ?? "", edits.filter((edit) => edit.path === path));
    }
    const own = edits.filter(({ path }) => path === open);
    if (own.length > 0) {
      this.#editor.change(own);
    }
    if (others.size > 0) {
      this.#editing();
      this.tell(`${counted(edits.length, "place")} in ${counted(others.size + Number(own.length > 0), "file")} replaced.`, "done");
    }
  }

  #openFile(path: string): void {
    if (path !== this.#editor.path) {
      this.#editor.open(path, this.#source.files[path] ?? "");
      if (this.#checked !== undefined) {
        this.#editor.mark(this.#checked.diagnostics, this.#doing());
        this.#colour();
        this.#annotate();
      }
    }
    this.#files.draw(this.#editor.path, this.#checked?.diagnostics ?? []);
  }

  #show(id: string): void {
    this.#shown = id;
    this.#drawPanelTabs();
    if (this.#checks.idle) {
      this.#updatePanel();
    }
  }

  #drawPanelTabs(): void {
    const tabs = this.#panels.map(({ id, label }) => ({ id, label, panel: `panel-${id}`, ...(id === "tests" && this.#note) }));
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
        this.exchange(example.source, example.name, "");
      }
    });
    byId("format", HTMLButtonElement).addEventListener("click", () => void this.#attempt(() => this.#editor.format()));
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
    // What was said of an earlier link would be taken for this one's.
    this.#toast.hide();
    let hash;
    try {
      hash = await fragment(this.#source);
    } catch (problem) {
      if (!(problem instanceof BadLink)) {
        throw problem;
      }
      this.tell(`There can't be a link to this package: ${problem.message}.`, "refused");
      return;
    }
    this.#at(hash);
    const size = `${Math.ceil(hash.length / 1000)} kB`;
    const held = `It holds the whole source (${size}); nobody else has it.`;
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell(`The link is copied. ${held}`, "done");
    } catch {
      this.tell(`The link is in the address bar. ${held}`, "done");
    }
  }

  #unavailable(why: string): void {
    this.#say("no answer", "error");
    const note = `The compiler has no answer: ${why}. The same findings come from the program: fleetnet check.`;
    this.#findings.replaceChildren(h("p", { class: "empty" }, note));
    this.#count.textContent = "";
    this.#checked = undefined;
    this.#note = {};
    this.#editor.mark([], this.#doing());
    this.#files.draw(this.#editor.path, []);
    this.#drawPanelTabs();
    this.#colour();
  }
}

type Note = Pick<Tab, "note" | "tone">;

function noteOf({ promises }: Checked): Note {
  const count = (standing: Standing) => promises.filter((promise) => promise.standing === standing).length;
  const broken = count("broken");
  if (promises.length === 0) {
    return {};
  }
  if (count("asking") > 0) {
    return { note: "asking…", tone: "" };
  }
  return broken > 0 ? { note: `${broken} broken`, tone: "error" } : { note: `${count("kept")}`, tone: "good" };
}

/** What is said where there is nothing to find fault with. */
function praise({ finished, promises }: Checked): string {
  if (!finished) {
    return "Nothing to be said against it so far.";
  }
  return promises.length === 0
    ? "Nothing to be said against it."
    : "Nothing to be said against it: every test and invariant is proven.";
}

function framed(element: HTMLElement, id: string): HTMLElement {
  const frame = h("div", { class: "panel", role: "tabpanel", id: `panel-${id}` }, element);
  frame.tabIndex = -1;
  return frame;
}
