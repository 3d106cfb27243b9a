/** Where this program shall die, for tests: CUTOVER_CRASH_AT=<n>:<moment>, n counting the journal records it writes from 1. */
export interface Crash {
  readonly record: number;
  /** before: not written; torn: written but for its end; after: written and synced (the default). */
  readonly moment: "before" | "torn" | "after";
}

/** Reads the value of CUTOVER_CRASH_AT; anything else than "<n>" or "<n>:<moment>" means no crash. */
export function parseCrash(value: string | undefined): Crash | undefined {
  const [record = "", moment = "after", ...rest] = (value ?? "").split(":");
  if (!/^\d+$/.test(record) || !isMoment(moment) || rest.length > 0) return undefined;
  return { record: Number(record), moment };
}

function isMoment(value: string): value is Crash["moment"] {
  return value === "before" || value === "torn" || value === "after";
}

/** SIGKILL, so that nothing can clean up. Never returns. */
export function die(): never {
  process.kill(process.pid, "SIGKILL");
  for (;;);
}
