// Can A reach B? And why.

import { button, h, prose } from "../dom";
import { type Doing, findingItem, reasonItem } from "../findings";
import type { Answers, Checked, Flows, Side } from "../protocol";
import type { Context, Panel } from "./panel";

export interface WhyPanel extends Panel {
  /** Asks about two ends. */
  ask: (from: string, to: string, ports: string) => void;
}

export function whyPanel({ compiler, doing, attempt }: Context): WhyPanel {
  const from = field("From", "shop/web in eastus-1");
  const to = field("To", "payments/checkout");
  const ports = field("On", "http, 443/tcp; empty for all");
  ports.input.classList.add("ports");
  const ends = h("datalist", { id: "ends" });
  from.input.setAttribute("list", "ends");
  to.input.setAttribute("list", "ends");
  const output = h("div", { class: "answers", "aria-live": "polite" });
  const swap = button("⇄", { class: "quiet", title: "Swap the two ends", "aria-label": "Swap the two ends" }, () => {
    [from.input.value, to.input.value] = [to.input.value, from.input.value];
    attempt(ask);
  });
  const submit = h("button", { type: "submit", class: "primary" }, "Ask");
  const form = h("form", { class: "question" }, from.label, swap, to.label, ports.label, submit, ends);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(ask);
  });

  let asked = 0;
  async function ask(): Promise<void> {
    const [source, destination, on] = [from, to, ports].map(({ input }) => input.value.trim());
    if (!source || !destination) {
      clear();
      return;
    }
    const turn = ++asked;
    const clicks = doing();
    const question = `${end(source)} -> ${end(destination)}${on ? ` on ${on}` : ""}`;
    const { answer } = await compiler.ask("why", question);
    if (turn === asked) {
      output.replaceChildren(...shown(answer, clicks));
    }
  }

  function clear(): void {
    asked += 1;
    output.replaceChildren(hint());
  }

  function shown(answers: Answers, doing: Doing): HTMLElement[] {
    if (answers.answers.length > 0) {
      return answers.answers.map((each) => flows(each, doing));
    }
    const broken = answers.diagnostics.filter((found) => found.path !== "question");
    const items = answers.diagnostics.map((found) => findingItem(found, doing));
    const about = broken.length > 0 ? "The package has errors that keep this from being answered." : "This is no question yet.";
    return [h("p", { class: "empty" }, about), h("ul", { class: "findings" }, ...items)];
  }

  const flows = (flows: Flows, doing: Doing) => {
    const lines = flows.pairs.map((pair) => {
      const many = pair.from.length > 1;
      const verb = flows.passes ? (many ? "reach" : "reaches") : many ? "do not reach" : "does not reach";
      return h(
        "p",
        { class: "sentence" },
        prose(pair.from.join(", ")),
        h("b", {}, ` ${verb} `),
        prose(pair.to.join(", ")),
      );
    });
    return h(
      "section",
      { class: `answer ${flows.passes ? "passes" : "fails"}` },
      h("h3", {}, flows.passes ? "Passes" : "Does not pass", h("span", { class: "ports" }, flows.ports.join(", "))),
      ...lines,
      h("div", { class: "sides" }, side("egress", flows.egress, doing), side("ingress", flows.ingress, doing)),
    );
  };

  const side = (name: string, side: Side, doing: Doing) =>
    h(
      "div",
      { class: `side ${side.passes ? "passes" : "fails"}` },
      h("h4", {}, name, ": ", prose(side.says)),
      h(
        "ul",
        {},
        ...side.decides.map((reason) => reasonItem("", reason, doing)),
        ...side.beaten.map((reason) => reasonItem("beats", reason, doing)),
        ...side.near.map((reason) => reasonItem("nearly", reason, doing)),
      ),
    );

  clear();
  return {
    id: "why",
    label: "Why",
    element: h("div", { class: "why" }, form, output),
    update: async (checked: Checked) => {
      if (checked.ends.length > 0) {
        ends.replaceChildren(...checked.ends.map(option));
      }
      if (output.querySelector(".answer, .findings") !== null) {
        await ask();
      }
    },
    reset: () => {
      ends.replaceChildren();
      for (const { input } of [from, to, ports]) {
        input.value = "";
      }
      clear();
    },
    ask: (source, destination, on) => {
      [from.input.value, to.input.value, ports.input.value] = [source, destination, on];
      attempt(ask);
    },
  };
}

function field(text: string, example: string): { label: HTMLElement; input: HTMLInputElement } {
  const input = h("input", { type: "text" });
  input.placeholder = example;
  input.name = text.toLowerCase();
  input.autocomplete = "off";
  input.spellcheck = false;
  return { label: h("label", {}, h("span", {}, text), input), input };
}

function option(name: string): HTMLOptionElement {
  const element = h("option");
  element.value = name;
  return element;
}

/** A bare address is the CIDR of just that. */
function end(text: string): string {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    return `cidr ${text}/32`;
  }
  return /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text) ? `cidr ${text}/128` : text;
}

function hint(): HTMLElement {
  return h(
    "p",
    { class: "empty" },
    "Name two ends as a test does: an identity, a group, an external, ",
    h("code", {}, "world"),
    ", an address. The answer says what decides at each end, what that beat, and what nearly allowed it.",
  );
}
