// The pieces that the TextMate grammar is made of: words as the lexer takes them, and what a word is by itself.

/** @typedef {{ [key: string]: unknown }} Rule */

/** What a word is made of; `->` ends it. */
const LETTERS = "\\p{L}\\p{N}\\-._/:%*+@";
const LETTER = `(?!->)[${LETTERS}]`;
const START = `(?<![${LETTERS}$])`;
const END = `(?!${LETTER})`;

/** Any word. */
export const WORD = `${START}\\$?(?:${LETTER})+`;

/** One of these words, as a whole. */
export const word = (/** @type {string[]} */ ...words) =>
  `${START}(?:${words.map((one) => one.replace(/[-.]/g, "\\$&")).join("|")})${END}`;

/** A reference to rules that several others use. */
export const include = (/** @type {string} */ name) => ({ include: `#${name}` });

/** These words as keywords. */
export const keywords = (/** @type {string[]} */ ...words) => ({ match: word(...words), name: "keyword.control.fleetnet" });

/** What is built in, where it stands for something and holds no statement together. */
const BUILT_IN = [
  "all", "any", "local", "nobody", "unlisted", "world", "host", "remote-nodes", "kube-apiserver", "gateways", "cluster-dns", "cloud-metadata",
  "foreign", "region", "mesh", "where", "cidr", "dns", "tcp", "udp", "sctp", "icmp", "and", "in", "not", "has", "except", "from", "to", "on",
  "for",
];

/** @type {Record<string, { patterns: Rule[] } | Rule>} */
export const pieces = {
  comments: {
    patterns: [
      { match: "##(?!#).*$", name: "comment.line.documentation.fleetnet" },
      { match: "#.*$", name: "comment.line.number-sign.fleetnet" },
    ],
  },
  // Behind a comma a statement goes on, on the next line too.
  comma: { begin: ",", beginCaptures: { 0: { name: "punctuation.separator.comma.fleetnet" } }, end: "(?=[^\\s#])", patterns: [include("comments")] },
  string: {
    patterns: [
      {
        begin: "\"(?=(?:[^\"\\\\]|\\\\.)*\")",
        end: "\"",
        beginCaptures: { 0: { name: "punctuation.definition.string.begin.fleetnet" } },
        endCaptures: { 0: { name: "punctuation.definition.string.end.fleetnet" } },
        name: "string.quoted.double.fleetnet",
        patterns: [{ match: "\\\\.", name: "constant.character.escape.fleetnet" }],
      },
      // Without its last quote it ends before what more likely belongs to a block than to it.
      { match: "\"(?:(?! \\{|`).)*?(?=[ \\t});]*(?: \\{|`|$))", name: "string.quoted.double.fleetnet" },
    ],
  },
  cel: {
    begin: "`",
    end: "`",
    beginCaptures: { 0: { name: "punctuation.section.embedded.begin.fleetnet" } },
    endCaptures: { 0: { name: "punctuation.section.embedded.end.fleetnet" } },
    name: "meta.embedded.inline.cel",
    patterns: [include("cel-expression")],
  },
  // The Common Expression Language, as far as colours go.
  "cel-expression": {
    patterns: [
      { match: "//.*$", name: "comment.line.double-slash.cel" },
      { match: "\\b[rRbB]{0,2}(?:\"(?:\\\\.|[^\"\\\\`])*\"|'(?:\\\\.|[^'\\\\`])*')", name: "string.quoted.cel" },
      { match: "\"(?:\\\\.|[^\"\\\\`])*\"|'(?:\\\\.|[^'\\\\`])*'", name: "string.quoted.cel" },
      { match: "\\b(?:true|false|null)\\b", name: "constant.language.cel" },
      { match: "\\bin\\b", name: "keyword.operator.word.cel" },
      { match: "\\b(?:0x[0-9a-fA-F]+u?|\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?u?)\\b", name: "constant.numeric.cel" },
      { match: "\\b(?:has|all|exists|exists_one|map|filter)\\b(?=\\s*\\()", name: "keyword.control.macro.cel" },
      { match: "\\b[A-Za-z_]\\w*(?=\\s*\\()", name: "entity.name.function.cel" },
      { match: "(?<=\\.)[A-Za-z_]\\w*", name: "variable.other.property.cel" },
      { match: "\\b[A-Za-z_]\\w*\\b", name: "variable.other.cel" },
      { match: "&&|\\|\\||==|!=|<=|>=|[-<>!+*/%?:]", name: "keyword.operator.cel" },
    ],
  },
  // What means the same wherever it stands, and any other word, so that no part of one is taken for something.
  common: {
    patterns: [
      include("comments"),
      include("comma"),
      include("string"),
      include("cel"),
      { match: "->|!=|=", name: "keyword.operator.fleetnet" },
      { match: `${START}\\$(?:${LETTER})+`, name: "variable.parameter.fleetnet" },
      { match: `${START}[0-9a-fA-F./]*:[0-9a-fA-F:./]*${END}`, name: "constant.numeric.address.fleetnet" },
      { match: `${START}[0-9](?:${LETTER})*`, name: "constant.numeric.fleetnet" },
      { match: word(...BUILT_IN), name: "support.constant.fleetnet" },
      { match: WORD },
      { match: ";", name: "punctuation.terminator.statement.fleetnet" },
      { match: `[^\\s\\p{L}\\p{N}\\-._/:%*+@$(){},;="\`#!]|\\$(?!${LETTER})|!(?!=)`, name: "invalid.illegal.fleetnet" },
    ],
  },
};

/** What sets of clusters, selectors and peers are made of. */
/** @type {Record<string, Rule>} */
export const phrases = {
  // `env = prod and tier != x and k not in (a, b) and not has z`
  selector: {
    patterns: [
      keywords("and"),
      { match: `${word("not", "in", "has")}(?!\\s*!?=)`, name: "keyword.control.fleetnet" },
      parenthesised("values"),
      include("common"),
    ],
  },
  values: { patterns: [include("common")] },
  where: {
    begin: word("where"),
    beginCaptures: { 0: { name: "keyword.control.fleetnet" } },
    end: `(?=[,;{})]|$|->|${word("except", "on", "to", "from", "for", "reason", "down")})`,
    patterns: [include("selector")],
  },
  // `region eastus2, mesh prod, where env = prod except pci-1`
  set: {
    patterns: [include("where"), keywords("all", "local", "region", "mesh", "except"), parenthesised("set"), include("common")],
  },
  // `in local`, `in (a, region r except b)`
  place: {
    patterns: [
      {
        begin: `(${word("in")})\\s*(?=\\()`,
        beginCaptures: { 1: { name: "keyword.control.fleetnet" } },
        end: "(?<=\\))",
        patterns: [parenthesised("set")],
      },
      {
        match: `(${word("in")})\\s+(${word("all", "local", "region", "mesh")})`,
        captures: { 1: { name: "keyword.control.fleetnet" }, 2: { name: "keyword.control.fleetnet" } },
      },
      keywords("in"),
      include("where"),
    ],
  },
  // `(a/b, c) in local, cidr 10.0.0.0/8 except 10.1.0.0/16, dns "x" on 443/tcp, icmp`
  peers: {
    patterns: [include("place"), keywords("cidr", "dns", "except", "icmp"), parenthesised("peers"), include("common")],
  },
};

/** What stands between `(` and `)`. */
function parenthesised(/** @type {string} */ inside) {
  return { begin: "\\(", end: "\\)", patterns: [include(inside)] };
}
