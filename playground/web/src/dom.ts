// Elements from text. Nothing here takes markup.

type Child = Node | string | undefined | false;

interface Attributes {
  class?: string;
  title?: string;
  type?: string;
  role?: string;
  id?: string;
  [name: `aria-${string}` | `data-${string}`]: string;
}

/** An element with attributes and children; strings become text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** A button that does something. */
export function button(text: string, attributes: Attributes, act: () => void): HTMLButtonElement {
  const element = h("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}

/** An element of the page, which has it. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new Error(`the page has no #${id}`);
  }
  return element;
}

/** Text of a finding: what stands between backticks is the user's own and set as code, backticks included. */
export function prose(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const piece of text.split(/(`[^`]*`)/)) {
    if (piece !== "") {
      fragment.append(piece.startsWith("`") ? h("code", {}, piece) : piece);
    }
  }
  return fragment;
}

/** `1 error`, `2 errors`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
