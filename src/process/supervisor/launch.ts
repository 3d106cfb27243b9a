import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ServiceSpec } from "../../plan/spec.ts";
import { Problem } from "../../problem.ts";
import { commandOf } from "./command.ts";
import { deferred } from "./deferred.ts";
import type { ExitReport } from "../protocol.ts";
import { instanceEnv } from "./instance-env.ts";
import { descriptorsOf, launchScript } from "./launch-script.ts";
import type { Instance, InstanceRecord, Service } from "./life.ts";
import { sizeOf } from "./log-tail.ts";
import { follow, tellInstance } from "./follow.ts";
import { mainPort } from "./ports.ts";
import { markOf } from "./mark.ts";
import { openNotify } from "./notify.ts";
import { RunWatch } from "./run-watch.ts";
import { isShimAlive, tellShim } from "./shim.ts";

export interface Seat {
  readonly release: string;
  readonly slot: number;
  readonly restarts: number;
  readonly wanted: boolean;
}

const pidDeadlineMs = 15_000;

/** Starts one instance with its gate closed; answers when its process runs (or has already ended). */
export async function launch(service: Service, seat: Seat): Promise<Instance> {
  const { record } = service;
  const spec = record.specs[seat.release];
  if (spec === undefined || !isShimAlive(record.shim))
    throw new Error(`${service.key} is not ready to launch`);
  const instance = newInstance(service, seat, spec);
  writeFileSync(join(instance.record.runDirectory, "launch.sh"), scriptOf(service, instance.record, spec), {
    mode: 0o600,
  });
  service.instances.push(instance);
  if (spec.health.kind === "notify") await receiveNotify(instance.record.runDirectory);
  await service.world.save();
  tellShim(record.shim, "launch", instance.record.runDirectory);
  tellInstance(service, instance, "launched");
  await awaitPid(instance);
  void follow(service, instance);
  await service.world.save();
  return instance;
}

/** An instance as the supervisor holds it in memory, freshly launched or found again. */
export function hold(record: InstanceRecord): Instance {
  const end = deferred<ExitReport>();
  return {
    record,
    watch: new RunWatch(record.runDirectory),
    ended: end.promise,
    end: end.resolve,
    exit: null,
    checked: Promise.resolve(null),
    memoryBytes: 0,
    cpu: 0,
    cpuTicks: 0,
    inFlight: null,
    isStopping: false,
    claimed: new Set(),
    halted: null,
  };
}

function newInstance(service: Service, seat: Seat, spec: ServiceSpec): Instance {
  const { record, world } = service;
  record.serial += 1;
  const runDirectory = join(world.paths.run, String(record.id), String(record.serial));
  const logs = join(world.paths.logs, spec.app);
  const logFile = join(logs, `${spec.name}-${String(seat.slot)}.log`);
  const cwd = directoryOf(service, seat.release, spec);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  rmSync(runDirectory, { recursive: true, force: true });
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  return hold({
    id: `${spec.name}-${String(record.serial)}-${randomBytes(3).toString("hex")}`,
    slot: seat.slot,
    release: seat.release,
    runDirectory,
    logFile,
    logOffset: sizeOf(logFile),
    ports: record.shim?.ports ?? [],
    startedAt: Date.now(),
    restarts: seat.restarts,
    cwd,
    leader: null,
    mark: null,
    state: "starting",
    wanted: seat.wanted,
  });
}

/** One real directory for all instances of a release, as long as it exists: a restart is no deployment. */
function directoryOf(service: Service, release: string, spec: ServiceSpec): string {
  const { directories } = service.record;
  for (const candidate of [directories[release], spec.cwd]) {
    if (candidate === undefined) continue;
    try {
      const real = realpathSync(candidate);
      directories[release] = real;
      return real;
    } catch {
      // Removed since: the path as it was given may lead to another one.
    }
  }
  throw new Problem({
    code: "CWD_MISSING",
    what: `The working directory ${spec.cwd} of ${service.key} does not exist.`,
    fix: "Create it, or start the service with another --cwd.",
  });
}

function scriptOf(service: Service, instance: InstanceRecord, spec: ServiceSpec): string {
  const ports = service.record.shim?.ports ?? [];
  const descriptors = descriptorsOf(ports);
  const port = mainPort(service, spec);
  const spares = Object.values(descriptors).flatMap(([first = 0, ...spares]) =>
    spares.map((spare) => [spare, first] as const),
  );
  return launchScript({
    runDirectory: instance.runDirectory,
    logFile: instance.logFile,
    cwd: instance.cwd,
    env: instanceEnv(spec, { instance, descriptors, port }),
    run: commandOf(spec, instance.cwd, port),
    spares,
  });
}

/** READY=1 becomes the same file that process.send("ready") leaves. */
async function receiveNotify(runDirectory: string): Promise<void> {
  const receiver = await openNotify(join(runDirectory, "notify"));
  receiver.ready.then(
    () => writeFileSync(join(runDirectory, "ready"), ""),
    () => undefined,
  );
}

async function awaitPid(instance: Instance): Promise<void> {
  const { record, watch } = instance;
  const deadline = performance.now() + pidDeadlineMs;
  while (performance.now() < deadline) {
    const pid = readPid(record.runDirectory);
    if (pid !== null) {
      record.leader = markOf(pid);
      record.mark = record.leader;
      return;
    }
    await watch.next(20);
  }
}

export function readPid(runDirectory: string): number | null {
  try {
    const text = readFileSync(join(runDirectory, "pid"), "utf8");
    return text.endsWith("\n") ? Number(text) : null;
  } catch {
    return null;
  }
}
