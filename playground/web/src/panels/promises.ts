// Tests and invariants: kept, broken with a counterexample, or not asked.

import { h, prose } from "../dom";
import { findingItem, placeLink } from "../findings";
import type { Checked, Part, PromiseOf, Standing } from "../protocol";
import type { Context, Panel } from "./panel";

const SAID: Record<Standing, string> = { kept: "kept", unasked: "not asked", broken: "broken" };

export function promisesPanel({ doing }: Context): Panel {
  const element = h("div", { class: "promises" });

  const part = (part: Part, checked: Checked) => {
    const findings = part.findings.flatMap((index) => checked.diagnostics[index] ?? []);
    return h(
      "li",
      { class: `part ${part.standing}` },
      mark(part.standing),
      h("code", {}, part.text),
      findings.length > 0 && h("ul", { class: "findings" }, ...findings.map((found) => findingItem(found, doing))),
    );
  };

  const promise = (promise: PromiseOf, checked: Checked) =>
    h(
      "section",
      { class: `promise ${promise.standing}` },
      h("h3", {}, mark(promise.standing), h("span", {}, prose(promise.name)), placeLink(promise, doing)),
      h("ul", {}, ...promise.parts.map((each) => part(each, checked))),
    );

  const group = (title: string, promises: PromiseOf[], checked: Checked) => {
    const kept = promises.filter(({ standing }) => standing === "kept").length;
    const heading = h("h2", {}, title, h("span", { class: "count" }, `${kept} of ${promises.length} kept`));
    return [heading, ...promises.map((each) => promise(each, checked))];
  };

  return {
    id: "tests",
    label: "Tests",
    element,
    update: (checked) => {
      const tests = checked.promises.filter(({ kind }) => kind === "test");
      const invariants = checked.promises.filter(({ kind }) => kind === "invariant");
      if (checked.promises.length === 0) {
        element.replaceChildren(
          h("p", { class: "empty" }, emptyText(checked), h("pre", {}, 'test "only the shop can buy" {\n  can    shop/web -> payments/checkout on http\n  cannot world    -> payments/checkout\n}')),
        );
      } else {
        element.replaceChildren(
          ...(tests.length > 0 ? group("Tests", tests, checked) : []),
          ...(invariants.length > 0 ? group("Invariants", invariants, checked) : []),
        );
      }
      return Promise.resolve();
    },
  };
}

function emptyText(checked: Checked): string {
  return checked.understood
    ? "This package promises nothing yet. A test is proven for every pod of its ends, in every cluster:"
    : "Tests are asked once the package has no other errors. A test looks like this:";
}

function mark(standing: Standing): HTMLElement {
  return h("span", { class: `mark ${standing}`, role: "img", "aria-label": SAID[standing], title: SAID[standing] });
}
