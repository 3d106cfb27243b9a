/** Milliseconds as a person reads them: 40ms, 1.8s, 2m05s, 1h10m, 3d04h. */
export function shortDuration(ms: number): string {
  if (ms < 1000) {
    return `${Math.max(0, Math.round(ms))}ms`;
  }
  if (ms < 59_950) {
    return `${(ms / 1000).toFixed(1)}s`;
  }
  const seconds = Math.round(ms / 1000);
  const pairs: readonly (readonly [number, string, number, string])[] = [
    [86_400, "d", 3600, "h"],
    [3600, "h", 60, "m"],
    [60, "m", 1, "s"],
  ];
  for (const [big, bigUnit, small, smallUnit] of pairs) {
    if (seconds >= big) {
      const rest = Math.floor((seconds % big) / small);
      return `${Math.floor(seconds / big)}${bigUnit}${String(rest).padStart(2, "0")}${smallUnit}`;
    }
  }
  return `${seconds}s`;
}
