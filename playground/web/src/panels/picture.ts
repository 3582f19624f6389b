// The compiler's drawing as elements. It is the compiler's own and escapes what it quotes; still only what a drawing
// needs is let in.

const ELEMENTS = new Set(["svg", "g", "rect", "path", "text", "tspan", "title", "circle", "defs", "marker", "line"]);
const ATTRIBUTE = /^(?:xmlns|viewBox|width|height|x|y|x1|y1|x2|y2|rx|r|cx|cy|d|class|id|role|tabindex|transform|text-anchor|dominant-baseline|marker-end|markerWidth|markerHeight|refX|refY|orient|data-[a-z-]+|aria-[a-z-]+)$/;

/** The drawing's own colours. The page has its own, and its policy refuses style sheets in a document. */
const STYLE = /<style>[^<]*<\/style>/;

export function picture(svg: string): Element | string {
  const drawn = new DOMParser().parseFromString(svg.replace(STYLE, ""), "image/svg+xml").documentElement;
  if (drawn.localName !== "svg") {
    return "The map can't be drawn.";
  }
  for (const element of [drawn, ...drawn.querySelectorAll("*")]) {
    if (!ELEMENTS.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name } of [...element.attributes]) {
      if (!ATTRIBUTE.test(name)) {
        element.removeAttribute(name);
      }
    }
  }
  return document.importNode(drawn, true);
}
