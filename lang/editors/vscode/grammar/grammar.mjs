// The TextMate grammar: which statements stand in which block, and the words within each.
//
// Colours that follow the grammar as closely as an editor without the language server can have them. A word is a keyword only where the
// language takes it for one: `in` is none in a label's key. A test compares these scopes, character by character, with what the compiler's own
// parser says of every construct there is.

import { WORD, include, keywords, phrases, pieces, word } from "./patterns.mjs";

/** @typedef {import("./patterns.mjs").Rule} Rule */

/**
 * One statement: the words that hold it together, whether it declares a name, which phrases it is made of, and what stands in its block.
 * @typedef {{ words?: string[], name?: true, then?: string[], is?: "set" | "selector" | "peers" | "place" | "where", block?: string }} Statement
 */

/** @type {Statement} */
const SET = { is: "set" };
const DEFAULT = { words: ["allow", "deny", "ingress", "egress"] };
const MAP = { block: "map" };
const WAIVE = { waive: {} };
const LABELS = { ...WAIVE, labels: MAP };
const OBJECT = { ...LABELS, annotations: MAP };
/** @type {Statement} */
const RULE = { words: ["from", "to", "on", "reason"], is: "peers", block: "requests" };
/** @type {Statement} */
const FLOW = { words: ["on"], is: "peers" };
const LIMIT = { words: ["at", "most", "none"] };

/** @type {Record<string, Record<string, Statement>>} */
export const BLOCKS = {
  declarations: {
    fleet: { name: true, block: "fleet" },
    cluster: { name: true, block: "cluster" },
    clusters: { name: true, is: "set" },
    mesh: { name: true, block: "mesh" },
    namespace: { name: true, block: "namespace" },
    identity: { name: true, block: "identity" },
    group: { name: true, block: "group" },
    external: { name: true, block: "external" },
    service: { name: true, block: "service" },
    export: { name: true, words: ["to"], block: "export" },
    entry: { name: true, block: "entry" },
    balance: { name: true, words: ["on"], block: "balance" },
    gateway: { name: true, block: "gateway" },
    policy: { name: true, words: ["for"], is: "peers", block: "rules" },
    test: { block: "test" },
    invariant: { name: true, block: "invariant" },
    rollout: { name: true, words: ["for", "entry", "gateway", "export"], block: "rollout" },
    guard: { block: "guard" },
    param: { name: true },
  },
  fleet: {
    target: { words: ["for"], is: "set", block: "target" },
    "policy-by": { words: ["for"], is: "set" },
    default: DEFAULT,
    dns: { words: ["strict"] },
    limits: { block: "limits" },
    files: {},
    ...WAIVE,
  },
  target: WAIVE,
  limits: { "weight-error": {}, "policy-map": {}, ...WAIVE },
  cluster: {
    id: {}, region: {}, zone: {}, ipam: {}, pods: {}, nodes: {}, services: {}, cilium: {}, "cilium-name": {}, vnet: {}, clustermesh: {}, context: {},
    ...LABELS,
  },
  mesh: {
    members: SET,
    publish: SET,
    consume: SET,
    routing: { words: ["native", "tunnel"] },
    encryption: { words: ["wireguard", "ipsec", "none"] },
    "forget-lost-after": {},
    ...WAIVE,
  },
  namespace: { in: SET, global: { words: ["in"] }, owner: {}, files: {}, default: DEFAULT, ...OBJECT },
  identity: { match: { is: "selector" }, account: {}, in: SET, port: { name: true }, ...WAIVE },
  group: { where: { is: "selector" }, ...WAIVE },
  external: { cidr: { words: ["except"] }, dns: {}, pods: { is: "where" }, ...WAIVE },
  service: {
    pods: {},
    port: { name: true, words: ["app"] },
    type: { words: ["cluster-ip", "node-port", "load-balancer"] },
    headless: {},
    "dns-label": {},
    "external-traffic-policy": { words: ["local", "cluster"] },
    "routes-from": {},
    at: { is: "set", block: "service" },
    ...OBJECT,
  },
  export: { from: SET, consume: SET, affinity: { words: ["local", "remote", "none"] }, weight: {}, ...OBJECT },
  entry: {
    backend: { block: "weights" },
    "resource-group": {},
    ttl: {},
    probe: { words: ["http", "https", "tcp", "port", "every", "timeout", "tolerate"] },
    ...OBJECT,
  },
  balance: { internal: {}, ...OBJECT },
  gateway: {
    class: {},
    in: SET,
    listener: { name: true, words: ["http", "https", "tls", "tcp", "host", "certificate"] },
    route: { words: ["header", "on", "port"], block: "weights" },
    ...OBJECT,
  },
  weights: { weight: {}, ...WAIVE },
  rules: { default: DEFAULT, allow: RULE, deny: RULE, ...WAIVE },
  requests: WAIVE,
  test: {
    given: { then: ["cluster", "region", "step"], words: ["lost", "down"], is: "place" },
    can: FLOW,
    cannot: FLOW,
    serves: { words: ["for", "from"], is: "peers" },
    share: {},
    ...WAIVE,
  },
  invariant: { require: {}, ...WAIVE },
  rollout: { step: { name: true, words: ["hold"], block: "map" }, ...WAIVE },
  guard: {
    "new-pairs": LIMIT,
    "lost-pairs": LIMIT,
    clusters: LIMIT,
    "removed-objects": LIMIT,
    world: { words: ["never", "wider"] },
    ...WAIVE,
  },
  map: {},
};

/** What else stands in a block, without a keyword in front. */
/** @type {Record<string, Rule[]>} */
const FREE = { group: [keywords("except")] };

/** A statement goes up to `;`, `}` or the end of its line, and further where a block, parentheses or a comma hold it together. */
function statement(/** @type {string} */ keyword, /** @type {Statement} */ { words = [], name, then = [], is, block }) {
  const next = name ? `(?:\\s+(${WORD}))?` : then.length > 0 ? `(?:\\s+(${word(...then)}))?` : "";
  const second = name ? "entity.name.type.fleetnet" : "keyword.control.fleetnet";
  /** @type {Rule[]} */
  const patterns = words.length > 0 ? [keywords(...words)] : [];
  if (block !== undefined) {
    patterns.push(braces(block));
  }
  if (is !== undefined) {
    patterns.push(include(is));
  }
  return {
    begin: `(${word(keyword)})${next}`,
    beginCaptures: { 1: { name: "keyword.control.fleetnet" }, ...(next !== "" && { 2: { name: second } }) },
    end: "(?=[;}])|$",
    name: `meta.statement.${keyword}.fleetnet`,
    patterns: [...patterns, include("common")],
  };
}

function braces(/** @type {string} */ block) {
  return {
    begin: "\\{",
    end: "\\}",
    beginCaptures: { 0: { name: "punctuation.section.block.begin.fleetnet" } },
    endCaptures: { 0: { name: "punctuation.section.block.end.fleetnet" } },
    patterns: [include(`block-${block}`)],
  };
}

const blocks = Object.entries(BLOCKS).map(([name, statements]) => {
  const rules = Object.entries(statements).map(([keyword, form]) => statement(keyword, form));
  return [`block-${name}`, { patterns: [include("comments"), ...rules, ...(FREE[name] ?? []), include("common")] }];
});

/** The grammar, as editors read it. */
export const grammar = {
  name: "fleetnet",
  scopeName: "source.fleetnet",
  fileTypes: ["fleetnet"],
  patterns: [include("block-declarations")],
  repository: { ...pieces, ...phrases, ...Object.fromEntries(blocks) },
};
