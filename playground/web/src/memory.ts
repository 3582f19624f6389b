// What this tab had when it was left. It stays in the tab and goes with it.

import { type Source, isSource } from "./source";

const KEY = "fleetnet-source";

interface Kept {
  /** The link that the tab was at. */
  hash: string;
  source: Source;
}

/** What the tab had, if it comes back to the same link; a link that is opened anew shows what it holds. */
export function recall(): Source | undefined {
  const [entry] = performance.getEntriesByType("navigation");
  const back = entry instanceof PerformanceNavigationTiming && ["reload", "back_forward"].includes(entry.type);
  try {
    const text = back ? sessionStorage.getItem(KEY) : null;
    const kept: unknown = text === null ? null : JSON.parse(text);
    return isKept(kept) && kept.hash === location.hash ? kept.source : undefined;
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

function isKept(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && "source" in value && "hash" in value && isSource(value.source);
}
