import type { RestartSpec } from "../../plan/spec.ts";

/** Pause before the n-th restart in a row, n from 1: doubled each time up to the longest. */
export function restartDelayMs(restart: RestartSpec, inRow: number): number {
  const doubled = restart.firstDelayMs * 2 ** Math.min(Math.max(inRow - 1, 0), 30);
  return isCrashLoop(restart, inRow) ? restart.maxDelayMs : Math.min(doubled, restart.maxDelayMs);
}

export function isCrashLoop(restart: RestartSpec, inRow: number): boolean {
  return inRow >= restart.maxInRow;
}
