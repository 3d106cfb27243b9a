import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Address } from "./address.ts";
import { readMarkers } from "./markers.ts";
import { markerOf, remoteCommand } from "./remote-script.ts";
import { sshCommand } from "./ssh-command.ts";

/** One run of the ssh client: one connection, one channel. */
export interface Session {
  readonly child: ChildProcessWithoutNullStreams;
  /** The words of the host's next marker; null: it ended, or said nothing for `ms`, and is given up. */
  next(ms: number): Promise<readonly string[] | null>;
  /** What the host printed before its first marker. */
  noise(): string;
  /** It was given up because it said nothing. */
  isLate(): boolean;
  /** The last lines of the client's and the host's standard error. */
  said(): readonly string[];
  /** null: a signal ended the client. Rejects when it cannot be started. */
  readonly exited: Promise<number | null>;
  end(): void;
}

export interface SessionOptions {
  readonly address: Address;
  readonly script: string;
  readonly nonce: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const keptLines = 20;
/** After the connection was closed on our side the client leaves by itself; a frozen one is not waited for. */
const leaveMs = 2000;

export function startSession({ address, script, nonce, env }: SessionOptions): Session {
  const { program, args } = sshCommand(address, remoteCommand(script), env);
  // A session of its own: Ctrl-C is for us to answer, not for the connection.
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, env });
  const said: string[] = [];
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    said.push(...lines.filter((line) => line.trim() !== ""));
    said.splice(0, Math.max(0, said.length - keptLines));
  });
  child.stdin.on("error", () => undefined);
  child.stdin.write(script);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  exited.catch(() => undefined);
  const markers = readMarkers(child.stdout, markerOf(nonce));
  let isLate = false;
  return {
    child,
    next: async (ms) => {
      const timer = setTimeout(() => {
        isLate = true;
        child.kill("SIGKILL");
      }, ms);
      try {
        return await markers.next();
      } finally {
        clearTimeout(timer);
      }
    },
    noise: () => markers.noise(),
    isLate: () => isLate,
    said: () => (rest.trim() === "" ? said : [...said, rest.trim()]),
    exited,
    end() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), leaveMs);
      timer.unref();
      child.once("exit", () => clearTimeout(timer));
    },
  };
}
