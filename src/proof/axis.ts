const stepsMs: readonly number[] = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
];
const dayMs = 86_400_000;

/** Round lengths of time, the shortest first, up to `mostMs`. */
export function roundSteps(mostMs: number): readonly number[] {
  const days = Array.from({ length: Math.ceil(mostMs / dayMs) }, (_, i) => (i + 1) * dayMs);
  return [...stepsMs, ...days];
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

/** The same of any length, as finely as it matters: "0.4s", "20s", "3m05s", "3h02m". */
export function lengthText(ms: number): string {
  const grainMs = ms < 10_000 ? 100 : ms < 3_600_000 ? 1000 : 60_000;
  return tickText(Math.max(100, Math.round(ms / grainMs) * grainMs));
}

function padded(number: number): string {
  return String(number).padStart(2, "0");
}
