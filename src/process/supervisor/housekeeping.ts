import type { Service, World } from "./life.ts";
import { askAll } from "./control.ts";
import { isUnderDeploy, keepPeriodic } from "./periodic.ts";
import { replaceOne } from "./replace-one.ts";
import { rotateLog } from "./rotate.ts";
import { sampleProcesses } from "./sample.ts";
import { ticksPerSecond } from "./proc.ts";
import { note } from "./world.ts";

const sampleMs = 2000;
const rotateMs = 10_000;
const tidyMs = 20_000;
const ownLog = { maxBytes: 10 * 1024 * 1024, keep: 3 };

/** Samples memory and processor time, acts on the memory limit, on cron patterns and watched files, rotates logs. */
export function keepHouse(world: World): void {
  every(sampleMs, () => sampleAll(world));
  every(sampleMs, () => keepPeriodic(world));
  every(tidyMs, tidyMemory);
  every(rotateMs, () => rotateAll(world));
}

/** Never twice at once; a failure is noted and the next turn tries again. */
function every(ms: number, task: () => Promise<void>): void {
  const turn = (): void => {
    void task()
      .catch((error: unknown) => note(`housekeeping: ${String(error)}`))
      .then(() => setTimeout(turn, ms));
  };
  setTimeout(turn, ms);
}

/** A mostly idle program is not collected for hours otherwise, and keeps what its busiest minute took. */
async function tidyMemory(): Promise<void> {
  await globalThis.gc?.({ execution: "async" });
}

async function sampleAll(world: World): Promise<void> {
  const running = [...world.services.values()].flatMap((service) =>
    service.instances.flatMap((instance) => {
      const { mark } = instance.record;
      return mark === null || instance.exit !== null ? [] : [{ service, instance, pid: mark.pid }];
    }),
  );
  const samples = sampleProcesses(running.map(({ pid }) => pid));
  for (const { instance, pid } of running) {
    const sample = samples.get(pid);
    if (sample === undefined) continue;
    const ticks = sample.cpuTicks - instance.cpuTicks;
    instance.cpu = instance.cpuTicks === 0 ? 0 : Math.max(ticks, 0) / ticksPerSecond / (sampleMs / 1000);
    instance.cpuTicks = sample.cpuTicks;
    instance.memoryBytes = sample.memoryBytes;
  }
  await Promise.all(running.map(({ instance }) => countInFlight(instance)));
  await Promise.all([...world.services.values()].map(actOnMemory));
}

async function countInFlight(instance: Service["instances"][number]): Promise<void> {
  const statuses = await askAll(instance.record.runDirectory, { do: "status" }).catch(() => []);
  if (statuses.length > 0) instance.inFlight = statuses.reduce((sum, status) => sum + status.inFlight, 0);
}

/** One at a time: the others serve meanwhile. */
async function actOnMemory(service: Service): Promise<void> {
  const limit =
    service.record.live === null ? undefined : service.record.specs[service.record.live]?.memoryBytes;
  const heavy = service.instances.find(
    (one) => one.record.state === "open" && one.memoryBytes > (limit ?? Infinity),
  );
  if (limit === undefined || heavy === undefined || service.busy !== null || isUnderDeploy(service)) return;
  void replaceOne(
    service,
    heavy,
    `it uses ${String(heavy.memoryBytes)} bytes, its limit is ${String(limit)}`,
  );
}

async function rotateAll(world: World): Promise<void> {
  await rotateLog(world.paths.supervisorLog, ownLog);
  for (const service of world.services.values()) {
    for (const { record } of service.instances) {
      const logs = service.record.specs[record.release]?.logs;
      if (logs !== undefined) await rotateLog(record.logFile, logs);
    }
  }
}
