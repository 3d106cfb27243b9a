import { execFile } from "node:child_process";

export interface Printed {
  readonly isOk: boolean;
  readonly isMissing: boolean;
  readonly stdout: string;
  readonly lines: readonly string[];
}

/** Runs a line with /bin/sh and answers all it printed. */
export function print(line: string): Promise<Printed> {
  return new Promise((resolve) => {
    const options = { timeout: 20_000, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 } as const;
    execFile("/bin/sh", ["-c", line], options, (error, stdout, stderr) => {
      const lines = stderr.split("\n").filter((text) => text.trim() !== "");
      const isMissing = error !== null && (error.code === 127 || error.code === 126);
      resolve({ isOk: error === null, isMissing, stdout, lines: lines.slice(-20) });
    });
  });
}
