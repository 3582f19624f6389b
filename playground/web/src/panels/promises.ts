// Tests and invariants: kept, broken with a counterexample, or not asked.

import { h, prose } from "../dom";
import { type Doing, findingItem, placeLink } from "../findings";
import type { Checked, Part, PromiseOf, Standing } from "../protocol";
import type { Context, Panel } from "./panel";

const SAID: Record<Standing, string> = { kept: "kept", asking: "asking…", unasked: "not asked", broken: "broken" };

export function promisesPanel(context: Context): Panel {
  const element = h("div", { class: "promises" });

  const part = (part: Part, checked: Checked, doing: Doing) => {
    const findings = part.findings.flatMap((index) => checked.diagnostics[index] ?? []);
    return h(
      "li",
      { class: `part ${part.standing}` },
      mark(part.standing),
      h("code", {}, part.text),
      findings.length > 0 && h("ul", { class: "findings" }, ...findings.map((found) => findingItem(found, doing))),
    );
  };

  const promise = (promise: PromiseOf, checked: Checked, doing: Doing) =>
    h(
      "section",
      { class: `promise ${promise.standing}` },
      h("h3", {}, mark(promise.standing), h("span", {}, prose(promise.name)), placeLink(promise, doing)),
      h("ul", {}, ...promise.parts.map((each) => part(each, checked, doing))),
    );

  const group = (title: string, promises: PromiseOf[], checked: Checked) => {
    if (promises.length === 0) {
      return [];
    }
    const doing = context.doing();
    const kept = promises.filter(({ standing }) => standing === "kept").length;
    const asking = promises.some(({ standing }) => standing === "asking");
    const said = asking ? "asking…" : `${kept} of ${promises.length} kept`;
    const heading = h("h2", {}, title, h("span", { class: "count" }, said));
    const shown = promises.slice(0, MOST_SHOWN).map((each) => promise(each, checked, doing));
    const more = promises.length - shown.length;
    return [heading, ...shown, ...(more > 0 ? [h("p", { class: "more" }, `and ${more} more`)] : [])];
  };

  return {
    id: "tests",
    label: "Tests",
    element,
    update: (checked) => {
      const tests = checked.promises.filter(({ kind }) => kind === "test");
      const invariants = checked.promises.filter(({ kind }) => kind === "invariant");
      if (checked.promises.length === 0) {
        element.replaceChildren(h("p", { class: "empty" }, emptyText(checked), h("pre", {}, EXAMPLE)));
      } else {
        element.replaceChildren(...group("Tests", tests, checked), ...group("Invariants", invariants, checked));
      }
      return Promise.resolve();
    },
    reset: () => element.replaceChildren(),
  };
}

/** Promises of one kind that are listed. */
const MOST_SHOWN = 500;

const EXAMPLE = `test "only the shop can buy" {
  can    shop/web -> payments/checkout on http
  cannot world    -> payments/checkout
}`;

function emptyText(checked: Checked): string {
  return checked.understood
    ? "This package promises nothing yet. A test is proven for every pod of its ends, in every cluster:"
    : "Tests are asked once the package has no other errors. A test looks like this:";
}

function mark(standing: Standing): HTMLElement {
  return h("span", { class: `mark ${standing}`, role: "img", "aria-label": SAID[standing], title: SAID[standing] });
}
