// What is said and goes away by itself.

import { button } from "./dom";

export type Tone = "done" | "refused";

export class Toast {
  readonly #element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** Says it; with `undo` it can be taken back as long as it is shown. */
  show(text: string, tone: Tone, undo?: () => void): void {
    this.#element.replaceChildren(text);
    if (undo !== undefined) {
      const act = () => {
        this.hide();
        undo();
      };
      this.#element.append(button("Undo", { class: "undo" }, act));
    }
    this.#element.className = `toast ${tone} shown`;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), tone === "done" && undo === undefined ? 4000 : 12_000);
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#element.classList.remove("shown");
  }
}
