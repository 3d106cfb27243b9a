import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createListening, type Listening } from "../handover/descriptors.ts";
import { codeOf } from "./error-code.ts";
import { isAlive, markOf, type ProcessMark } from "./mark.ts";

/** The little shell that holds a service's ports and launches its instances, and lives on without a supervisor. */
export interface ShimRecord {
  readonly mark: ProcessMark;
  readonly fifo: string;
  /** Port of descriptor 3, 4, ... */
  readonly ports: readonly number[];
}

export interface ShimPlan {
  /** Directory of the service, for the script and the FIFO. */
  readonly directory: string;
  /** "shop/web", for a person who reads ps. */
  readonly key: string;
  /** Makes file names unique among the shims of a service. */
  readonly serial: number;
  /** fd: already held by this process; null: to be bound. */
  readonly ports: readonly { readonly port: number; readonly fd: number | null }[];
  readonly host?: string | undefined;
}

/** Standard input is the FIFO, opened for both ends so that it never ends. `jobs` collects children that have ended. */
const script = `while :; do
  read -r verb directory || continue
  case $verb in
  launch)
    (
      setsid /bin/sh "$directory/launch.sh"
      echo $? >"$directory/exit.part"
      mv "$directory/exit.part" "$directory/exit"
    ) </dev/null &
    ;;
  reap) jobs >/dev/null ;;
  quit) exit 0 ;;
  esac
done
`;

/** Binds what is to be bound and hands all ports to a new shim; this process then holds none of them. Problem PORT_TAKEN. */
export function startShim(plan: ShimPlan): ShimRecord {
  const fifo = join(plan.directory, `fifo-${String(plan.serial)}`);
  const file = join(plan.directory, "shim.sh");
  rmSync(fifo, { force: true });
  execFileSync("mkfifo", ["-m", "600", fifo]);
  writeFileSync(file, script, { mode: 0o600 });
  const input = openSync(fifo, constants.O_RDWR);
  const bound: Listening[] = [];
  try {
    // Bind, spawn and close without leaving this tick: a listening socket of ours would accept connections.
    const descriptors = plan.ports.map(({ port, fd }) => {
      if (fd !== null) return fd;
      const listening = createListening(port, plan.host);
      bound.push(listening);
      return listening.fd;
    });
    const child = spawn("/bin/sh", [file, plan.key], {
      cwd: "/",
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      detached: true,
      stdio: [input, "ignore", "ignore", ...descriptors],
    });
    child.unref();
    const mark = child.pid === undefined ? null : markOf(child.pid);
    if (mark === null) throw new Error("the shim of the service did not start");
    return { mark, fifo, ports: plan.ports.map(({ port }) => port) };
  } finally {
    for (const listening of bound) listening.close();
    closeSync(input);
  }
}

export function isShimAlive(shim: ShimRecord | null): shim is ShimRecord {
  return shim !== null && isAlive(shim.mark);
}

/** False when the shim is gone. */
export function tellShim(shim: ShimRecord, verb: "launch" | "reap" | "quit", directory = "-"): boolean {
  if (!isShimAlive(shim)) return false;
  let fifo: number | undefined;
  try {
    fifo = openSync(shim.fifo, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(fifo, `${verb} ${directory}\n`);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  } finally {
    if (fifo !== undefined) closeSync(fifo);
  }
}
