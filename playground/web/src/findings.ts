// Findings in the words of the program.

import { button, counted, h, prose } from "./dom";
import type { Finding, MaybePlace, Place, Reason, Severity } from "./protocol";

/** What a click on a place, or on a fix, does. It holds for the text that the finding is of. */
export interface Doing {
  /** Whether there is such a file to show. */
  has: (path: string) => boolean;
  reveal: (place: Place) => void;
  fix: (place: Place, replacement: string) => void;
}

/** `path:line:column`, as a terminal prints it, as a way there. */
export function placeLink(place: MaybePlace, doing: Doing): HTMLElement | undefined {
  if (place.path === undefined) {
    return undefined;
  }
  const text = `${place.path}:${place.start.line}:${place.start.column}`;
  if (!doing.has(place.path)) {
    return h("span", { class: "place" }, text);
  }
  return button(text, { class: "place", title: "Show it in the editor" }, () => doing.reveal(place));
}

/** One finding: its headline, its parties, what to do. */
export function findingItem(found: Finding, doing: Doing): HTMLElement {
  const { code, severity } = found;
  const head = h(
    "div",
    { class: "finding-head" },
    h("span", { class: `badge ${severity}` }, code === "" ? severity : `${severity}[${code}]`),
    placeLink(found, doing),
  );
  const item = h("li", { class: `finding ${severity}`, "data-code": code }, head);
  item.append(h("p", { class: "message" }, prose(found.message)));
  if (found.label !== undefined) {
    item.append(h("p", { class: "label" }, prose(found.label)));
  }
  if (found.related !== undefined) {
    const parties = found.related.map((party) => h("li", {}, placeLink(party, doing), " ", prose(party.text)));
    item.append(h("ul", { class: "related" }, ...parties));
  }
  if (found.help !== undefined) {
    item.append(h("p", { class: "help" }, h("b", {}, "help: "), prose(found.help)));
  }
  const { fix } = found;
  if (fix?.path !== undefined && doing.has(fix.path)) {
    item.append(button(fixText(fix.replacement), { class: "fix" }, () => doing.fix(fix, fix.replacement)));
  }
  return item;
}

/** What a fix does, for a button. */
export function fixText(replacement: string): string {
  const line = replacement.trim().split("\n")[0] ?? "";
  const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  return shown === "" ? "Remove it" : `Fix: ${shown}`;
}

/** A reason of a verdict: the line of source, what is said of it, the way there. */
export function reasonItem(lead: string, reason: Reason, doing: Doing): HTMLElement {
  return h(
    "li",
    { class: "reason" },
    lead !== "" && h("span", { class: "lead" }, lead),
    reason.source !== "" && h("code", {}, reason.source),
    reason.text !== "" && h("span", { class: "said" }, prose(reason.text)),
    placeLink(reason, doing),
  );
}

const SEVERITIES: Severity[] = ["error", "warning", "note"];

/** Errors before warnings before notes, each in the compiler's order. */
export function bySeverity(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** `2 errors, 1 warning`, or nothing. */
export function summary(findings: Finding[]): string {
  const parts = SEVERITIES.map((severity) => {
    const count = findings.filter((found) => found.severity === severity).length;
    return count === 0 ? "" : counted(count, severity);
  });
  return parts.filter((part) => part !== "").join(", ");
}

/** The tone of the worst. */
export function worst(findings: Finding[]): Severity | "good" {
  return SEVERITIES.find((severity) => findings.some((found) => found.severity === severity)) ?? "good";
}
