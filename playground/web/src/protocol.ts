// The shapes of playground/src: what the compiler answers.

/** Line and column from 1, the column in characters. */
export interface Position {
  line: number;
  column: number;
  /** Bytes of the file before it. */
  offset: number;
  /** UTF-16 units of its line before it. */
  unit: number;
}

export interface Place {
  path: string;
  start: Position;
  end: Position;
}

/** A place, or nothing where there is no line of source. */
export type MaybePlace = Place | { path?: never; start?: never; end?: never };

export type Severity = "error" | "warning" | "note";

export type Finding = MaybePlace & {
  code: string;
  severity: Severity;
  message: string;
  label?: string;
  related?: (MaybePlace & { text: string })[];
  help?: string;
  fix?: MaybePlace & { replacement: string };
};

export type Standing = "kept" | "asking" | "unasked" | "broken";

export type Part = MaybePlace & { text: string; standing: Standing; findings: number[] };

export type PromiseOf = MaybePlace & {
  kind: "test" | "invariant";
  name: string;
  standing: Standing;
  parts: Part[];
};

export interface Checked {
  diagnostics: Finding[];
  /** How many more findings there are. */
  more: number;
  promises: PromiseOf[];
  /** Whether nothing is left to ask: promises, and the lock. */
  finished: boolean;
  ends: string[];
  understood: boolean;
}

export interface ArtifactFile {
  path: string;
  cluster: string | null;
  size: number;
}

export interface Artifacts {
  diagnostics: Finding[];
  files: ArtifactFile[];
  lock: string | null;
}

export interface ImageRow {
  key: string;
  value: string;
  rule: string;
  path: string | null;
  line: number | null;
}

export interface ImageMap {
  name: string;
  of: string | null;
  capacity: number;
  entries: ImageRow[];
}

export interface Image {
  cluster: string;
  maps: ImageMap[];
}

export type Reason = MaybePlace & { text: string; source: string };

export interface Side {
  passes: boolean;
  says: string;
  decides: Reason[];
  beaten: Reason[];
  near: Reason[];
}

export interface Flows {
  pairs: { from: string[]; to: string[] }[];
  ports: string[];
  passes: boolean;
  egress: Side;
  ingress: Side;
}

export interface Answers {
  diagnostics: Finding[];
  answers: Flows[];
}

/** An end, by its `data-id` in the drawing. */
export interface MapNode {
  id: string;
  name: string;
  clusters: string[];
  note: string;
}

/** Flows from one end to another that pass by the same rules. */
export interface MapEdge {
  from: string;
  to: string;
  /** The `data-id` of the line that they are drawn in. */
  line: string | null;
  ports: string[];
  /** From which clusters to which, where it is not everywhere. */
  places: string[];
  reasons: Reason[];
}

export interface NetworkMap {
  svg: string;
  nodes: MapNode[];
  edges: MapEdge[];
}

/** Something that could be typed. */
export interface Item {
  text: string;
  kind: "name" | "built-in" | "property" | "value" | "keyword";
  detail?: string;
}

/** What could be typed, in the place of what. */
export type Completion = MaybePlace & { items: Item[] };

/** How a statement is written: its form, apart around the part that is being written. */
export interface Signature {
  before: string;
  active: string;
  behind: string;
  /** What it says. */
  about: string;
  /** Whether it is shown to whoever did not ask. */
  begun: boolean;
}

/** What is known of a name. */
export type Hover = Place & { declared: { head: string; doc: string | null; facts: string[] }[] };

/** What is shown in a file and is none of its text. */
export interface Notes {
  hints: (MaybePlace & { text: string; detail: string })[];
  lenses: (MaybePlace & { text: string })[];
}

/** The other end of flows that pass, and where it is declared. */
export type Listed = MaybePlace & { name: string; ports: string[] };

export interface Reachable {
  name: string;
  by: Listed[];
  reaches: Listed[];
}

export type OutlineItem = MaybePlace & { name: string; keyword: string; parts: OutlineItem[] };

export interface FileOutline {
  path: string;
  items: OutlineItem[];
}

/** What the editor asks about a place, by the answer. The argument is a path, its text as it is now, a line and a UTF-16 unit. */
export interface Questions {
  complete: Completion;
  signature: Signature;
  hover: Hover;
  notes: Notes;
  reached: Reachable;
  define: Place[];
  renamed: Place & { name: string };
  rename: (Place & { replacement: string })[];
  format: (Place & { replacement: string })[];
}

export interface Refused {
  refused: string;
}

export function isRefused(answer: object | string): answer is Refused {
  return typeof answer === "object" && "refused" in answer;
}

/** The calls of a session, by what they take and give. */
export interface Calls {
  check: { argument: string; answer: Checked | Refused };
  prove: { argument: string; answer: Checked | Refused };
  build: { argument: string; answer: Artifacts | Refused };
  artifact: { argument: string; answer: string | Refused };
  image: { argument: string; answer: Image | Refused };
  map: { argument: string; answer: NetworkMap | Refused };
  why: { argument: string; answer: Answers };
  outline: { argument: string; answer: FileOutline[] };
  complete: { argument: string; answer: Questions["complete"] | Refused | null };
  signature: { argument: string; answer: Questions["signature"] | Refused | null };
  hover: { argument: string; answer: Questions["hover"] | Refused | null };
  notes: { argument: string; answer: Questions["notes"] | Refused | null };
  reached: { argument: string; answer: Questions["reached"] | Refused | null };
  define: { argument: string; answer: Questions["define"] | Refused | null };
  renamed: { argument: string; answer: Questions["renamed"] | Refused | null };
  rename: { argument: string; answer: Questions["rename"] | Refused | null };
  format: { argument: string; answer: Questions["format"] | Refused | null };
}

export type CallName = keyof Calls;

/** What the page sends to the worker. */
export interface Question {
  id: number;
  call: CallName | "highlight";
  argument: string;
}

/** What comes back: how far it is, then answers in the order of the questions. */
export type Reply =
  | { reached: "begun" | "ready" }
  | { id: number; answer: string; milliseconds: number }
  | { id: number; pieces: Uint32Array }
  | { stopped: string };
