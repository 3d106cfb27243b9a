import { Problem } from "../../problem.ts";

export interface Schedule {
  /** Milliseconds since the epoch; null: never again. */
  next(): number | null;
  stop(): void;
}

/** Runs `task` at the times of a cron pattern, never twice at once. Problem CRON_INVALID when the pattern says nothing. */
export async function schedule(pattern: string, task: () => void | Promise<void>): Promise<Schedule> {
  // Loaded by the few who use it.
  const { Cron } = await import("croner");
  try {
    const job = new Cron(pattern, { protect: true, unref: true, catch: true }, async () => {
      await task();
    });
    return { next: () => job.nextRun()?.getTime() ?? null, stop: () => job.stop() };
  } catch (error) {
    const detail = {
      code: "CRON_INVALID",
      what: `"${pattern}" is not a cron pattern.`,
      why: error instanceof Error ? error.message : String(error),
      fix: 'Write minute, hour, day of month, month and day of week, for example "0 4 * * *".',
    };
    throw new Problem(detail, { cause: error });
  }
}
