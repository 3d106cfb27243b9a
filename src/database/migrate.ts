import type { Emit } from "../plan/event.ts";
import type { MigrateSpec } from "../plan/spec.ts";
import { Problem, exits } from "../problem.ts";

/** The release layer's runCommand: handed in, because the layers never import each other. */
export type RunCommand = (command: {
  readonly line: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  onLine(line: string): void;
}) => Promise<{
  readonly why: "exit" | "deadline" | "abort";
  readonly code: number;
  readonly lines: readonly string[];
}>;

export interface MigrateInput {
  readonly host: string;
  /** The new release's directory. */
  readonly cwd: string;
  /** Complete environment: the new release's. */
  readonly env: Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `migrate.run` once, before anything is switched. Problem: MIGRATE_FAILED. */
export async function migrate(spec: MigrateSpec, input: MigrateInput, run: RunCommand): Promise<void> {
  const end = await run({
    line: spec.run,
    cwd: input.cwd,
    env: input.env,
    timeoutMs: spec.timeoutMs,
    signal: input.signal,
    onLine: (line) => input.emit({ event: "output", host: input.host, source: "migrate", line }),
  });
  if (end.why === "exit" && end.code === 0) return;
  throw new Problem({
    code: "MIGRATE_FAILED",
    what: `The migration "${spec.run}" ${describe(end, spec.timeoutMs)}.`,
    why: "cutover cannot know which of its statements were applied: the migration tool's own table says so.",
    fix: "Correct the migration and deploy again; the release was not switched to.",
    evidence: end.lines,
    exit: exits.failedOldServes,
  });
}

function describe(end: Awaited<ReturnType<RunCommand>>, timeoutMs: number): string {
  if (end.why === "deadline")
    return `ran past its deadline of ${Math.round(timeoutMs / 1000)} s and was ended`;
  if (end.why === "abort") return "was interrupted";
  return `failed with exit code ${end.code}`;
}
