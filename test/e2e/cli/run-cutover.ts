import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const mainFile: string = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
export const repository: string = fileURLToPath(new URL("../../..", import.meta.url));

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("error", reject).on("close", (exit) => resolve({ exit, out, err }));
  });
}

export function cutover(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(process.execPath, [mainFile, ...args], options);
}
