import type { VersionSpan } from "./result.ts";

/** By name. */
export type Versions = Map<string, { answers: number; firstMs: number; lastMs: number }>;

export function addVersion(versions: Versions, version: string | undefined, endMs: number): void {
  if (version === undefined) return;
  const span = versions.get(version) ?? { answers: 0, firstMs: endMs, lastMs: endMs };
  span.answers++;
  span.lastMs = endMs;
  versions.set(version, span);
}

/** In the order in which they first answered. */
export function spansOf(versions: Versions): VersionSpan[] {
  const named = [...versions].map(([version, span]) => Object.assign({ version }, span));
  return named.sort((a, b) => a.firstMs - b.firstMs);
}
