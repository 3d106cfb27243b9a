import { execFile } from "node:child_process";

export interface ProgramEnd {
  /** null: killed or not started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The program is not installed. */
  readonly isMissing: boolean;
}

export interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program of the system quietly and hands back all it said; never rejects. */
export function runProgram(
  file: string,
  argv: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    execFile(
      file,
      argv,
      {
        cwd: options.cwd,
        env: options.env,
        timeout: options.timeoutMs,
        signal: options.signal,
        maxBuffer: 512 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({
          code: typeof code === "number" ? code : null,
          stdout,
          stderr: stderr === "" && error !== null ? error.message : stderr,
          isMissing: error !== null && String(error.code) === "ENOENT",
        });
      },
    ).stdin?.end();
  });
}
