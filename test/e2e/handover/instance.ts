import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { ControlReply, ControlRequest, ControlStatus } from "../../../src/process/handover/protocol.ts";
import { handoverEnv } from "../../../dist/process/handover/descriptors.js";

/** Starts programs the way the supervisor does: the port's socket comes by descriptor, the gate by the control socket. */

export const fixtures: string = path.resolve(import.meta.dirname, "../../fixtures/handover");

export interface PublicPort {
  readonly port: number;
  readonly fd: number;
}

interface Handle {
  readonly fd: number;
  getsockname(out: { port?: number }): number;
  close(): void;
}

/** A listening port that nobody accepts on. This process only binds it; a child that is gone at once has listened. */
export function openPort(address = "::"): PublicPort {
  const internals = net as unknown as {
    _createServerHandle(address: string, port: number, type: number, fd: number): Handle;
  };
  const handle = internals["_createServerHandle"](address, 0, net.isIPv6(address) ? 6 : 4, -1);
  const name: { port?: number } = {};
  handle.getsockname(name);
  const listen = "require('net')._createServerHandle(null, null, null, 3).listen(4096); process.exit()";
  spawnSync(process.execPath, ["-e", listen], { stdio: ["ignore", "inherit", "inherit", handle.fd] });
  onTestFinished(() => handle.close());
  return { port: name.port ?? 0, fd: handle.fd };
}

export interface Instance {
  readonly child: ChildProcess;
  readonly runDir: string;
  output(): string;
  /** Resolves once the program has printed this text. */
  printed(text: string): Promise<void>;
  /** Resolves to the pids with a control socket, once there are as many. */
  claimed(count?: number): Promise<number[]>;
  ask(request: ControlRequest, pid?: number): Promise<ControlStatus>;
  probe(pid?: number): Promise<string>;
  drained(pid?: number): Promise<ControlStatus>;
  /** Exit code, or the signal's name. */
  exited(): Promise<number | string>;
}

export interface InstanceOptions {
  /** A shell line; `exec` is put before it. */
  readonly run?: string;
  /** Files to put into the working directory first; `run` is then "node app.cjs" unless it is given. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
  readonly gate?: "open" | "closed";
  readonly learn?: boolean;
  readonly nodeOptions?: string;
  /** Copies of each port's descriptor. */
  readonly spares?: number;
}

export function startInstance(ports: readonly PublicPort[], options: InstanceOptions): Instance {
  const runDir = fs.mkdtempSync(path.join(os.tmpdir(), "handover-"));
  const log = path.join(runDir, "log");
  const out = fs.openSync(log, "a");
  const layout = layOut(ports, options.spares ?? 3);
  const env = handoverEnv({
    runDir,
    ports: layout.descriptors,
    gate: options.gate,
    learn: options.learn,
    nodeOptions: options.nodeOptions,
  });
  for (const [name, content] of Object.entries(options.files ?? {})) {
    fs.writeFileSync(path.join(runDir, name), content);
  }
  const run = options.run ?? "node app.cjs";
  const child = spawn("sh", ["-c", `${layout.shell}exec ${run}`], {
    cwd: options.files === undefined ? fixtures : runDir,
    stdio: ["ignore", out, out, ...ports.map(({ fd }) => fd)],
    env: { ...plainEnvironment(), PORT: String(ports[0]?.port ?? 0), ...env, ...options.env },
    detached: true,
  });
  fs.closeSync(out);
  const exit = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  onTestFinished(() => {
    killGroup(child);
    fs.rmSync(runDir, { recursive: true, force: true });
  });
  const output = (): string => fs.readFileSync(log, "utf8");
  const firstPid = async (): Promise<number> => (await claimed())[0] ?? 0;
  const claimed = async (count = 1): Promise<number[]> => {
    const pids = (): number[] => {
      if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}:\n${output()}`);
      const files = fs.readdirSync(runDir).filter((file) => file.endsWith(".probe"));
      return files.map((file) => Number.parseInt(file, 10));
    };
    await until(() => pids().length >= count, `${count} control sockets; output:\n${output()}`);
    return pids();
  };
  const ask = async (request: ControlRequest, pid?: number): Promise<ControlStatus> =>
    converse(path.join(runDir, `${pid ?? (await firstPid())}.ctl`), request);
  return {
    child,
    runDir,
    output,
    printed: (text) => until(() => output().includes(text), `printed ${text}; output:\n${output()}`),
    claimed,
    ask,
    async probe(pid) {
      const own = pid ?? (await firstPid());
      // Its file is there a moment before it listens; whoever answers has come further.
      await ask({ do: "status" }, own);
      return path.join(runDir, `${own}.probe`);
    },
    async drained(pid) {
      let status = await ask({ do: "status" }, pid);
      await until(async () => {
        status = await ask({ do: "status" }, pid);
        return status.drained;
      }, "drained");
      return status;
    },
    exited: () => exit,
  };
}

function layOut(
  ports: readonly PublicPort[],
  spares: number,
): { descriptors: Record<number, number[]>; shell: string } {
  const descriptors: Record<number, number[]> = {};
  let next = 3 + ports.length;
  let shell = "";
  for (const [index, { port }] of ports.entries()) {
    const own = [3 + index];
    for (; own.length < spares; next += 1) {
      own.push(next);
      shell += `exec ${next}<&${3 + index}; `;
    }
    descriptors[port] = own;
  }
  return { descriptors, shell };
}

// The test runner's own settings must not reach the programs.
function plainEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function converse(file: string, request: ControlRequest): Promise<ControlStatus> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(file);
    socket.on("error", reject);
    socket.on("data", (data) => {
      socket.destroy();
      const reply = JSON.parse(data.toString()) as ControlReply;
      if ("error" in reply) reject(new Error(reply.error));
      else resolve(reply);
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
