import { execFile } from "node:child_process";
import { nothing, type Count, type Tick } from "../../proof/judge/tick.ts";

const timeoutMs = 20_000;
const mostBytes = 1024 * 1024;

interface Checked {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Place {
  readonly host: string;
  readonly release: string;
}

/** The user's own check of a server of each release, at the same time. */
export async function runCheck(
  checked: Checked,
  {
    canary,
    control,
    at,
  }: { readonly canary: Place; readonly control: Place | undefined; readonly at: number },
): Promise<Tick> {
  const [one, other] = await Promise.all([
    run(checked, canary, "new"),
    control === undefined ? nothing : run(checked, control, "old"),
  ]);
  return { at, signals: { check: { canary: one, control: other } } };
}

function run({ command, cwd, env }: Checked, { host, release }: Place, arm: string): Promise<Count> {
  const own = { CUTOVER_HOST: host, CUTOVER_RELEASE: release, CUTOVER_ARM: arm };
  const options = { cwd, env: { ...env, ...own }, timeout: timeoutMs, maxBuffer: mostBytes };
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-c", command], options, (error, stdout) =>
      resolve(countOf(stdout, error === null)),
    );
  });
}

/** "2 of 150" on the last line are that many bad ones; without one the exit code is a single event. */
export function countOf(output: string, isGood: boolean): Count {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const [, bad, total] = /^\s*(\d+) of (\d+)\s*$/.exec(last) ?? [];
  if (!isGood || bad === undefined || total === undefined) return { total: 1, bad: isGood ? 0 : 1 };
  return { total: Number(total), bad: Math.min(Number(bad), Number(total)) };
}
