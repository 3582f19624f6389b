// What this tab had when it was reloaded. It stays in the tab and goes with it.

import type { Source } from "./source";

const KEY = "fleetnet-source";

interface Kept {
  /** The link that the tab was at. */
  hash: string;
  source: Source;
}

export function recall(): Kept | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    const kept: unknown = text === null ? null : JSON.parse(text);
    return isKept(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function remember(source: Source): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ hash: location.hash, source } satisfies Kept));
  } catch {
    // A browser that keeps nothing, or a package beyond its limit: a reload begins anew.
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There is nothing to forget then.
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null || !("source" in value) || !("hash" in value)) {
    return false;
  }
  const source = value.source;
  return typeof source === "object" && source !== null && "files" in source && "params" in source;
}
