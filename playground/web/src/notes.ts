// What is shown in a file and is none of its text: hints behind what they are about, and above a name who reaches it.

import { type Extension, type Range, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

import { button, h } from "./dom";
import type { Features } from "./features";
import { at } from "./positions";
import type { Listed, Notes, Reachable } from "./protocol";

/** Shows the notes of the text as it is, or none. */
const showNotes = StateEffect.define<DecorationSet>();

/** They move along with what is typed, until there are newer ones. */
const shown = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (notes, { changes, effects }) => {
    const newer = effects.filter((effect) => effect.is(showNotes)).at(-1);
    return newer === undefined ? notes.map(changes) : newer.value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const notes: Extension = shown;

/** Asks what there is to show in the open file, and shows it. What is not known yet leaves what was known before. */
export async function annotate(asked: Features, view: EditorView): Promise<void> {
  const found = await asked.ask("notes", view, 0);
  if (found !== undefined) {
    view.dispatch({ effects: showNotes.of(decorations(asked, found, view.state.doc)) });
  }
}

function decorations(asked: Features, { hints, lenses }: Notes, doc: Text): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const hint of hints) {
    if (hint.start !== undefined) {
      ranges.push(Decoration.widget({ widget: new Hint(hint.text, hint.detail), side: 1 }).range(at(doc, hint.start)));
    }
  }
  for (const lens of lenses) {
    if (lens.start !== undefined) {
      const pos = at(doc, lens.start);
      const widget = new Lens(asked, lens.text, pos - doc.lineAt(pos).from);
      ranges.push(Decoration.widget({ widget, side: -1, block: true }).range(doc.lineAt(pos).from));
    }
  }
  return Decoration.set(ranges, true);
}

class Hint extends WidgetType {
  constructor(
    readonly text: string,
    readonly detail: string,
  ) {
    super();
  }

  override eq(other: Hint): boolean {
    return other.text === this.text && other.detail === this.detail;
  }

  toDOM(): HTMLElement {
    return h("span", { class: "cm-hint", title: this.detail.replaceAll("`", "") }, this.text);
  }
}

class Lens extends WidgetType {
  constructor(
    readonly asked: Features,
    readonly text: string,
    /** The place of the name in the line below. */
    readonly unit: number,
  ) {
    super();
  }

  override eq(other: Lens): boolean {
    return other.text === this.text && other.unit === this.unit;
  }

  toDOM(view: EditorView): HTMLElement {
    const list = h("div", { class: "cm-lens-list" });
    const lens = h("div", { class: "cm-lens" });
    const title = button(this.text, { "aria-expanded": "false", title: "Who reaches it, and whom it reaches" }, () => void open());
    const open = async () => {
      const opens = list.childElementCount === 0;
      const found = opens ? await this.asked.ask("reached", view, view.posAtDOM(lens) + this.unit) : undefined;
      list.replaceChildren(...(found === undefined ? [] : listing(this.asked, found)));
      title.setAttribute("aria-expanded", String(found !== undefined));
      view.requestMeasure();
    };
    lens.append(title, list);
    return lens;
  }

  /** What is clicked here is none of the text. */
  override ignoreEvent(): boolean {
    return true;
  }
}

function listing(asked: Features, { by, reaches }: Reachable): HTMLElement[] {
  const group = (label: string, partners: Listed[]) =>
    partners.length > 0 && h("div", {}, label, h("ul", {}, ...partners.map((partner) => h("li", {}, ...one(asked, partner)))));
  return [group("reached by", by), group("reaches", reaches)].filter((part) => part !== false);
}

function one(asked: Features, partner: Listed): (HTMLElement | string)[] {
  const { name, ports } = partner;
  const on = ports.length > 0 ? ` on ${ports.join(", ")}` : "";
  return [partner.path === undefined ? name : button(name, { class: "place" }, () => asked.show(partner)), on];
}
