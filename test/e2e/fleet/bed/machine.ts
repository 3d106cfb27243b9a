import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { runProgram, type Ran } from "../../host.ts";

export type MachineKind = "server" | "operator" | "switch";

/** A network namespace with what lives in it. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Its files as seen from outside: home/, srv/, var/log/ ... */
  readonly directory: string;
  /** In the machine's namespaces; its root of processes as seen from outside. */
  readonly pid: number;
  /** Argv that runs `argv` inside, as root or as `user`. */
  inside(argv: readonly string[], user?: string): [string, ...string[]];
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Lets it go on after its link is there; resolves when it serves. */
  serve(): Promise<void>;
  /** Ends all its processes as a loss of power would. */
  end(): Promise<void>;
}

interface RunOptions {
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const script = join(import.meta.dirname, "machine.sh");
const places = ["etc", "root", "home", "srv", "run", "var/log", "var/lib", "tmp"];

/** Directories of a machine, before it starts. */
export function makePlaces(directory: string): void {
  for (const place of [...places, "etc/haproxy", "etc/nginx", "etc/caddy"])
    mkdirSync(join(directory, place), { recursive: true });
}

/** Starts the machine's first process; its namespaces are there when this resolves. */
export async function startMachine(options: {
  readonly name: string;
  readonly address: string;
  readonly directory: string;
  readonly kind: MachineKind;
}): Promise<Machine> {
  const { name, address, directory, kind } = options;
  const spaces = [
    "--net",
    "--mount",
    "--uts",
    ...(kind === "operator" ? [] : ["--ipc", "--pid", "--mount-proc"]),
  ];
  const first =
    kind === "switch"
      ? ["sh", "-c", "echo ready; cat"]
      : ["bash", script, name, address, kind === "server" ? "yes" : "no"];
  const child = spawn("unshare", [...spaces, "--fork", "--kill-child", ...first], {
    cwd: directory,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const heard = { lines, child, directory };
  await said("ready", heard);
  const pid = child.pid ?? 0;
  const network = networkOf(pid);
  // Once: the number of a network that is gone is given to another.
  let ending: Promise<void> | undefined;
  const inside: Machine["inside"] = (argv, user) => [
    "nsenter",
    `--target=${pid}`,
    "--net",
    "--mount",
    "--uts",
    ...(kind === "operator" ? [] : ["--ipc", `--pid=/proc/${pid}/ns/pid_for_children`]),
    ...(user === undefined
      ? []
      : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups", "--reset-env"]),
    ...argv,
  ];
  return {
    name,
    address,
    directory,
    pid,
    inside,
    run(argv, { user, cwd = "/", env = process.env } = {}) {
      const [command, ...words] = inside(["env", `--chdir=${cwd}`, ...argv], user);
      return runProgram(command, words, { cwd: "/", env });
    },
    async serve() {
      child.stdin.write("\n");
      await said("up", heard);
    },
    end: () => (ending ??= endMachine(child, network)),
  };
}

/** Its first process may have ended by itself: Ctrl-C reaches it too. */
async function endMachine(first: ChildProcess, network: string | null): Promise<void> {
  if (first.exitCode === null && first.signalCode === null) {
    const exited = once(first, "exit");
    first.kill("SIGKILL");
    await exited;
  }
  if (network !== null) await endAllIn(network);
}

/** A machine's programs end a moment after its first, and nothing ends the operator's; all of them are in its network. */
async function endAllIn(network: string): Promise<void> {
  for (;;) {
    const pids = readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0);
    const left = pids.filter((pid) => networkOf(pid) === network);
    if (left.length === 0) return;
    for (const pid of left) killIfThere(pid);
    await delay(20);
  }
}

function networkOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** What the daemons of a machine wrote while they started. */
function startLogs(directory: string): string {
  const files = ["sshd", "start"]
    .map((name) => join(directory, "var/log", name))
    .filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file, "utf8")).join("");
}

async function said(
  word: string,
  {
    lines,
    child,
    directory,
  }: { readonly lines: Interface; readonly child: ChildProcess; readonly directory: string },
): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error(`a machine of the bed ended before it said "${word}": ${startLogs(directory)}`);
  });
  const heard = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line === word) resolve();
    });
  });
  try {
    await Promise.race([heard, ended]);
  } finally {
    lines.removeAllListeners("line");
    ended.catch(() => undefined);
    over.abort();
  }
}
