// The map of the network, and what a click on it tells.

import { button, h } from "../dom";
import { reasonItem } from "../findings";
import { isRefused, type Checked, type MapEdge, type MapNode, type NetworkMap } from "../protocol";
import { picture } from "./picture";
import type { Context, Panel } from "./panel";

/** Asks why about two ends. */
export type AskWhy = (from: string, to: string, ports: string) => void;

export function mapPanel({ compiler, doing: clicks }: Context, askWhy: AskWhy): Panel {
  const canvas = h("div", { class: "canvas", role: "group", "aria-label": "Map of the network" });
  const details = h("div", { class: "details", "aria-live": "polite" });
  const element = h("div", { class: "map" }, canvas, details);
  let map: NetworkMap | undefined;
  let selected = "";
  /** Counts the packages; an answer about an older one is dropped. */
  let turn = 0;
  let doing = clicks();

  async function update(checked: Checked): Promise<void> {
    if (!checked.understood) {
      canvas.classList.add("stale");
      if (map === undefined) {
        canvas.replaceChildren(h("p", { class: "empty" }, "The map is drawn once the package can be understood."));
      }
      return;
    }
    const own = ++turn;
    const asked = clicks();
    const { answer } = await compiler.ask("map");
    if (own !== turn) {
      return;
    }
    if (isRefused(answer)) {
      canvas.classList.add("stale");
      return;
    }
    doing = asked;
    canvas.classList.remove("stale");
    if (answer.svg !== map?.svg) {
      canvas.replaceChildren(picture(answer.svg));
    }
    map = answer;
    select(isKnown(selected) ? selected : "");
  }

  function isKnown(id: string): boolean {
    const node = map?.nodes.some((node) => node.id === id || inCluster(node, id));
    return node === true || (map?.edges.some((edge) => edge.line === id) ?? false);
  }

  function select(id: string): void {
    selected = id;
    const drawing = canvas.querySelector("svg");
    if (map === undefined || drawing === null) {
      return;
    }
    const edges = map.edges.filter((edge) => concerns(edge, id));
    const ends = map.nodes.filter((node) => inCluster(node, id)).map((node) => node.id);
    const lit = new Set([id, ...ends, ...edges.flatMap((edge) => [edge.from, edge.to, edge.line ?? ""])]);
    drawing.classList.toggle("chosen", id !== "");
    for (const part of drawing.querySelectorAll("[data-id], [data-cluster]")) {
      part.classList.toggle("lit", lit.has(idOf(part)));
    }
    details.replaceChildren(...describe(map, id));
  }

  function describe(map: NetworkMap, id: string): (HTMLElement | string)[] {
    const node = map.nodes.find((each) => each.id === id);
    const edges = map.edges.filter((edge) => concerns(edge, id));
    const running = map.nodes.filter((each) => inCluster(each, id));
    if (running.length > 0) {
      const names = running.map((each) => h("li", { class: "sentence" }, each.name));
      const title = h("h3", {}, id.slice(CLUSTER.length), h("span", { class: "count" }, "runs"), close());
      return [title, h("ul", { class: "flows names" }, ...names)];
    }
    if (node !== undefined) {
      const where = node.clusters.length > 0 ? `in ${node.clusters.join(", ")}` : node.note;
      return [
        h("h3", {}, node.name, h("span", { class: "count" }, where), close()),
        node.clusters.length > 0 && node.note !== "" ? h("p", { class: "note" }, node.note) : "",
        edges.length === 0 ? h("p", { class: "empty" }, "Nothing is allowed to or from it.") : "",
        h("ul", { class: "flows" }, ...edges.map((edge) => flow(map, edge, "brief"))),
      ];
    }
    if (edges.length > 0) {
      return [
        h("h3", {}, edges.length === 1 ? "Allowed" : `Allowed: ${edges.length} pairs by the same rules`, close()),
        h("ul", { class: "flows" }, ...edges.slice(0, MOST_SHOWN).map((edge) => flow(map, edge, "full"))),
        edges.length > MOST_SHOWN ? h("p", { class: "more" }, `and ${edges.length - MOST_SHOWN} more`) : "",
      ];
    }
    const hint = "Select an end or a flow to see the rules behind it. Only what both ends let pass is drawn.";
    return [h("p", { class: "empty" }, hint)];
  }

  function flow(map: NetworkMap, edge: MapEdge, how: "brief" | "full"): HTMLElement {
    const name = (id: string) => map.nodes.find((node) => node.id === id)?.name ?? id;
    const ports = edge.ports.join(", ");
    const from = name(edge.from);
    const to = name(edge.to);
    const why = button("why?", { class: "place", title: "Ask what decides at each end" }, () => askWhy(from, to, ""));
    const head = h("p", { class: "sentence" }, h("b", {}, from), " → ", h("b", {}, to), h("span", { class: "ports" }, ports), why);
    const places = how === "full" && edge.places.length > 0 && h("p", { class: "note" }, edge.places.join("; "));
    return h("li", {}, head, places, h("ul", {}, ...edge.reasons.map((reason) => reasonItem("", reason, doing))));
  }

  const close = () => button("×", { class: "quiet close", title: "Show everything", "aria-label": "Show everything" }, leave);

  /** Goes back to the part that was selected. */
  function leave(): void {
    const parts = [...canvas.querySelectorAll("[data-id], [data-cluster]")];
    const part = parts.find((each) => idOf(each) === selected);
    select("");
    if (part instanceof SVGElement) {
      part.focus();
    }
  }

  function reset(): void {
    turn += 1;
    map = undefined;
    selected = "";
    canvas.classList.remove("stale");
    canvas.replaceChildren();
    details.replaceChildren();
  }

  function choose(target: EventTarget | null): void {
    const part = target instanceof Element ? target.closest("[data-id], [data-cluster]") : null;
    select(part === null ? "" : idOf(part));
  }

  canvas.addEventListener("click", (event) => choose(event.target));
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(event.target);
    } else if (event.key === "Escape") {
      select("");
    }
  });

  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leave();
    }
  });

  return { id: "map", label: "Map", element, update, reset };
}

/** Flows of one selection that are listed. */
const MOST_SHOWN = 40;

/** What stands before a cluster's name where it is an id. */
const CLUSTER = "cluster ";

function idOf(part: Element): string {
  const cluster = part.getAttribute("data-cluster");
  return cluster === null ? (part.getAttribute("data-id") ?? "") : `${CLUSTER}${cluster}`;
}

function inCluster(node: MapNode, id: string): boolean {
  return id.startsWith(CLUSTER) && node.clusters.includes(id.slice(CLUSTER.length));
}

/** An edge belongs to its ends, and to the line that it is drawn in. */
function concerns(edge: MapEdge, id: string): boolean {
  return id !== "" && (edge.from === id || edge.to === id || edge.line === id);
}
