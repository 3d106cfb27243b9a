const stepsMs: readonly number[] = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
];
const dayMs = 86_400_000;

/** Round steps of time, at most `count` of them in `spanMs`. */
export function ticks(spanMs: number, count: number): readonly number[] {
  const everyMs = stepsMs.find((step) => spanMs / step <= count) ?? dayMs * Math.ceil(spanMs / dayMs / count);
  return Array.from({ length: Math.floor(spanMs / everyMs) + 1 }, (_, i) => i * everyMs);
}

/** "5s", "1m30s", "2h", "1h00m15s": a tick of an axis. */
export function tickText(ms: number): string {
  if (ms < 60_000) return ms === 0 ? "0" : `${ms / 1000}s`;
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    (ms % 60_000) / 1000,
  ];
  const ofHour = seconds === 0 ? "" : `${padded(seconds)}s`;
  if (hours === 0) return `${minutes}m${ofHour}`;
  return minutes === 0 && ofHour === "" ? `${hours}h` : `${hours}h${padded(minutes)}m${ofHour}`;
}

function padded(number: number): string {
  return String(number).padStart(2, "0");
}
