// The editor. It lives in a shadow tree: there CodeMirror adopts its style sheets instead of writing <style>
// elements, so that the page's policy need not allow any.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentService, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type StateEffect, type Text } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";

import { h, prose } from "./dom";
import { type Edit, type Features, features, format } from "./features";
import { type Doing, fixText } from "./findings";
import { colours, showPieces } from "./highlighting";
import { annotate, notes } from "./notes";
import { at } from "./positions";
import type { Finding, Place } from "./protocol";
import { editorTheme } from "./theme";

export interface EditorEvents {
  /** The text of a file, which is the open one, is another. */
  changed: (path: string, text: string) => void;
}

interface Kept {
  state: EditorState;
  scroll: StateEffect<unknown>;
}

export class Editor {
  readonly #view: EditorView;
  readonly #extensions: Extension;
  readonly #features: Features;
  /** What is kept of files that are not open: their undo history and selection, and where they were scrolled to. */
  readonly #kept = new Map<string, Kept>();
  #path = "";
  /** How the open file ends its lines. */
  #ending = "\n";

  constructor(host: HTMLElement, events: EditorEvents, asked: Features) {
    this.#features = asked;
    const root = host.attachShadow({ mode: "open" });
    const parent = h("div");
    parent.style.height = "100%";
    root.append(parent);
    this.#extensions = [extensions(() => events.changed(this.#path, this.text)), features(asked)];
    const state = EditorState.create({ extensions: this.#extensions });
    this.#view = new EditorView({ state, parent, root });
  }

  get path(): string {
    return this.#path;
  }

  /** The text as it is now; the same object as long as it is the same text. */
  get doc(): Text {
    return this.#view.state.doc;
  }

  /** The same as the file has it, with the ends of its lines. */
  get text(): string {
    return this.doc.sliceString(0, this.doc.length, this.#ending);
  }

  /** Opens a file as it was left. */
  open(path: string, text: string): void {
    if (this.#path !== "") {
      this.#kept.set(this.#path, { state: this.#view.state, scroll: this.#view.scrollSnapshot() });
    }
    this.#path = path;
    this.#ending = text.includes("\r\n") ? "\r\n" : "\n";
    const kept = this.#kept.get(path);
    if (kept !== undefined && kept.state.doc.sliceString(0, kept.state.doc.length, this.#ending) === text) {
      this.#view.setState(kept.state);
      this.#view.dispatch({ effects: kept.scroll });
      return;
    }
    const label = EditorView.contentAttributes.of({ "aria-label": `Text of ${path}` });
    this.#view.setState(EditorState.create({ doc: text, extensions: [this.#extensions, label] }));
    this.#view.scrollDOM.scrollTo(0, 0);
  }

  /** Forgets what was kept of all files. */
  forget(): void {
    this.#kept.clear();
    this.#path = "";
  }

  /** Closes a file that is no more. */
  close(path: string): void {
    this.#kept.delete(path);
    if (this.#path === path) {
      this.#path = "";
    }
  }

  /** Colours the text, if it is still the one that was asked about. */
  colour(doc: Text, pieces: Uint32Array): void {
    if (this.#view.state.doc === doc) {
      this.#view.dispatch({ effects: showPieces.of(pieces) });
    }
  }

  /** Shows what the open file comes to, as far as it is known. */
  annotate(): Promise<void> {
    return annotate(this.#features, this.#view);
  }

  /** Underlines what is found in the open file. */
  mark(findings: Finding[], doing: Doing): void {
    const own = findings.filter((found) => found.path === this.#path);
    const marks = own.map((found) => mark(found, this.#view.state.doc, doing));
    this.#view.dispatch(setDiagnostics(this.#view.state, marks));
  }

  /** Selects a place of the open file and puts it in the middle. */
  reveal({ start, end }: Place): void {
    this.#select(at(this.doc, start), at(this.doc, end));
  }

  /** Replaces a place of the open file, and selects what is there then. */
  replace({ start, end }: Place, insert: string): void {
    const from = at(this.doc, start);
    const to = Math.max(from, at(this.doc, end));
    const rest = this.doc.length - to;
    this.#view.dispatch({ changes: { from, to, insert }, userEvent: "input.fix" });
    this.#select(from, this.doc.length - rest);
  }

  /** Replaces places of the open file that are apart, as one change. */
  change(edits: Edit[]): void {
    const changes = edits.map(({ start, end, replacement }) => {
      const from = at(this.doc, start);
      return { from, to: Math.max(from, at(this.doc, end)), insert: replacement };
    });
    this.#view.dispatch({ changes, userEvent: "input.replace" });
  }

  /** Gives the open file its layout. */
  format(): Promise<void> {
    return format(this.#features, this.#view);
  }

  #select(from: number, to: number): void {
    const { length } = this.doc;
    const selection = { anchor: Math.min(from, length), head: Math.min(to, length) };
    const effects = EditorView.scrollIntoView(selection.anchor, { y: "center" });
    this.#view.dispatch({ selection, effects });
    this.#view.focus();
  }

}

function extensions(changed: () => void): Extension {
  return [
    lineNumbers(),
    lintGutter(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    indentUnit.of("  "),
    indentService.of(indentation),
    EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
    colours,
    notes,
    editorTheme,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        changed();
      }
    }),
  ];
}

/** As the line before, one step more behind an open brace, one less at a closing one. */
function indentation(context: { lineAt: (at: number, side: -1 | 1) => { text: string; from: number } }, at: number) {
  const line = context.lineAt(at, -1);
  const own = /^\s*/.exec(line.text)?.[0].length ?? 0;
  return /\{\s*$/.test(line.text.slice(0, at - line.from)) ? own + 2 : own;
}

function mark(found: Finding, doc: Text, doing: Doing): Diagnostic {
  const from = found.start === undefined ? 0 : at(doc, found.start);
  const to = found.end === undefined ? from : Math.max(from, at(doc, found.end));
  const { fix } = found;
  return {
    from,
    to,
    severity: found.severity === "note" ? "info" : found.severity,
    source: found.code,
    message: found.message,
    ...(fix?.path !== undefined && {
      actions: [{ name: fixText(fix.replacement), apply: () => doing.fix(fix, fix.replacement) }],
    }),
    renderMessage: () => {
      const help = found.help !== undefined && h("div", { class: "cm-help" }, prose(found.help));
      return h("div", {}, h("div", {}, prose(found.message)), help);
    },
  };
}
