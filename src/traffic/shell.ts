import { execFile } from "node:child_process";

export interface ShellEnd {
  readonly isOk: boolean;
  /** What it printed, the last lines. */
  readonly lines: readonly string[];
}

const keptLines = 20;

/** Runs a line with /bin/sh; one that does not end by the deadline has failed. */
export function runShell(line: string, timeoutMs: number): Promise<ShellEnd> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 4 * 1024 * 1024 } as const;
    const child = execFile("/bin/sh", ["-c", line], options, (error, stdout, stderr) => {
      const printed = `${stdout}\n${stderr}`.split("\n").filter((text) => text.trim() !== "");
      const late = error?.killed === true ? [`not done after ${timeoutMs / 1000} s`] : [];
      resolve({ isOk: error === null, lines: [...printed.slice(-keptLines), ...late] });
    });
    child.stdin?.end();
  });
}
