import { existsSync } from "node:fs";
import type { Emit } from "../plan/event.ts";
import type { HookPoint } from "../plan/spec.ts";
import { Problem } from "../problem.ts";
import { type Command, type CommandEnd, runCommand } from "./command.ts";
import { type Place, releasePath } from "./place.ts";
import { type ReleaseFacts, commandEnv, cutoverVariables } from "./variables.ts";

export interface HookInput extends ReleaseFacts {
  readonly point: HookPoint;
  readonly commands: readonly string[];
  readonly timeoutMs: number;
  /** The release's env; CUTOVER_* are added. */
  readonly variables: Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the commands in order, in the release directory, each within the deadline. Problem: HOOK_FAILED. */
export async function runHook(place: Place, input: HookInput): Promise<void> {
  const directory = releasePath(place, input.id);
  // A release that met a full disk has given its room back.
  const cwd = existsSync(directory) ? directory : place.path;
  for (const line of input.commands) {
    const command: Command = {
      line,
      cwd,
      env: commandEnv({ ...input.variables, ...cutoverVariables(place, input) }),
      timeoutMs: input.timeoutMs,
      signal: input.signal,
      onLine: (text) =>
        input.emit({ event: "output", host: input.host, source: `hook ${input.point}`, line: text }),
    };
    const end = await runCommand(command);
    if (end.why !== "exit" || end.code !== 0) throw hookFailed(input, line, end);
  }
}

/** "failed with exit code 2", "ran past its deadline of 10 min": reads after the command's name. */
export function describeEnd(end: CommandEnd, timeoutMs: number): string {
  if (end.why === "abort") return "was interrupted";
  if (end.why === "deadline") return `ran past its deadline of ${describeMs(timeoutMs)} and was ended`;
  if (end.code === 127) return "failed: the command was not found (exit code 127)";
  if (end.code === 137) return "was killed (SIGKILL), often because the machine ran out of memory";
  return end.code > 128 ? `was ended by signal ${end.code - 128}` : `failed with exit code ${end.code}`;
}

function describeMs(ms: number): string {
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} min`;
  return ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`;
}

function hookFailed(input: HookInput, line: string, end: CommandEnd): Problem {
  return new Problem({
    code: "HOOK_FAILED",
    what: `The ${input.point} hook "${line}" ${describeEnd(end, input.timeoutMs)}.`,
    fix: "Correct the command in `hooks:` of cutover.yml, or what it needs on this host.",
    evidence: end.lines,
  });
}
