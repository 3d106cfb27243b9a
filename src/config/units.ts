const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** "500ms", "30s", "1m30s", "7d" -> milliseconds; undefined for anything else, a bare number included. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    return undefined;
  }
  return Math.round(
    parts.reduce((sum, [, count, unit]) => sum + Number(count) * (durationUnits[unit ?? ""] ?? 0), 0),
  );
}

/** "512M", "512MB", "512 MiB", "1.5G", "800B" -> bytes (K is 1024); undefined for anything else, a bare number included. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:(B)|([KMGT])(?:i?B)?)$/i.exec(text);
  if (match === null) {
    return undefined;
  }
  return Math.round(Number(match[1]) * (sizeUnits[(match[2] ?? match[3] ?? "").toUpperCase()] ?? 0));
}
