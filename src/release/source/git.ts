import { Problem } from "../../problem.ts";
import { type ProgramEnd, runProgram } from "../program.ts";
import { commandEnv } from "../variables.ts";

export interface GitOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Git that never asks a question and never takes a repository from the environment. */
export async function git(argv: readonly string[], options: GitOptions = {}): Promise<ProgramEnd> {
  const end = await runProgram("git", argv, {
    cwd: options.cwd,
    timeoutMs: options.timeoutMs ?? 60_000,
    signal: options.signal,
    env: commandEnv({
      GIT_TERMINAL_PROMPT: "0",
      GIT_OPTIONAL_LOCKS: "0",
      SSH_ASKPASS: "/bin/false",
      SSH_ASKPASS_REQUIRE: "force",
      LC_ALL: "C",
      ...options.env,
    }),
  });
  if (!end.isMissing) return end;
  throw new Problem({
    code: "GIT_MISSING",
    what: "git is not installed on this host.",
    fix: "Install it, for example: sudo apt-get install git",
  });
}

/** Standard output of a git command that has to succeed. */
export async function gitOutput(argv: readonly string[], options: GitOptions = {}): Promise<string> {
  const end = await git(argv, options);
  if (end.code === 0) return end.stdout;
  throw new Problem({
    code: "GIT_FAILED",
    what: `git ${argv.find((word) => !word.startsWith("-")) ?? ""} failed.`,
    why: lastLine(end.stderr),
    evidence: end.stderr.trim().split("\n").slice(-10),
  });
}

export function lastLine(text: string): string {
  const lines = text.trim().split("\n");
  return (lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? "").trim();
}
