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

const SEGMENT = /^[\p{L}\p{N}_@+][\p{L}\p{N} ._@+-]*$/u;
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
