// The package that is being written: its files, and which one is open.

/** The name of the lock beside a package. */
export const LOCK = "fleetnet.lock";

/** A package. */
export interface Source {
  /** Texts by path. */
  files: Record<string, string>;
  /** Values of params, as `--set` takes them. */
  params: Record<string, string>;
}

/** As `runtime/src/page/link.rs` has it. */
const SEGMENT = /^[\p{Alphabetic}\p{N}_@+][\p{Alphabetic}\p{N} ._@+-]*$/u;
const LONGEST_PATH = 200;

/** What is wrong with a path, or nothing. */
export function pathProblem(path: string): string | undefined {
  if (path === LOCK) {
    return undefined;
  }
  if (path.length > LONGEST_PATH) {
    return `a path has at most ${LONGEST_PATH} characters`;
  }
  if (!path.endsWith(".fleetnet")) {
    return "the name of a file ends with .fleetnet";
  }
  if (!path.split("/").every((segment) => SEGMENT.test(segment))) {
    return "a path is made of letters, digits, `-`, `_`, `.`, with `/` between folders";
  }
  return undefined;
}

/** The argument of the compiler's `check`. */
export function packageText({ files, params }: Source): string {
  const { [LOCK]: lock, ...sources } = files;
  return JSON.stringify({ files: sources, lock: lock ?? null, params });
}

/** Paths in the order of the tabs: the lock last. */
export function paths({ files }: Source): string[] {
  return Object.keys(files).sort((a, b) => Number(a === LOCK) - Number(b === LOCK) || (a < b ? -1 : 1));
}

/** Whether a value that was kept somewhere is a package. */
export function isSource(value: unknown): value is Source {
  if (typeof value !== "object" || value === null || !("files" in value) || !("params" in value)) {
    return false;
  }
  if (!isTexts(value.files) || !isTexts(value.params)) {
    return false;
  }
  const known = Object.keys(value.files);
  return known.length > 0 && known.every((path) => pathProblem(path) === undefined);
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");
}
