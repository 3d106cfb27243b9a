import { schedule, type Schedule } from "./cron.ts";
import { whenIdle } from "./lock.ts";
import type { Service, World } from "./life.ts";
import { replaceAll } from "./replace.ts";
import { watchPaths, type Watch } from "./watch.ts";
import { note } from "./world.ts";

interface Running {
  /** What was asked for: another spec takes its place. */
  readonly wish: string;
  readonly parts: readonly (Schedule | Watch)[];
}

const running = new Map<Service, Running>();

/** Has every running service its cron pattern and its watched files, and no other. Call it again and again. */
export async function keepPeriodic(world: World): Promise<void> {
  const services = [...world.services.values()];
  for (const [service, { parts }] of running) {
    if (services.includes(service) && running.get(service)?.wish === wishOf(service)) continue;
    for (const part of parts) end(part);
    running.delete(service);
  }
  for (const service of services) {
    const wish = wishOf(service);
    if (wish !== "" && !running.has(service)) running.set(service, { wish, parts: await begin(service) });
  }
}

function wishOf(service: Service): string {
  const { live, specs, state } = service.record;
  const spec = live === null || state === "stopped" ? undefined : specs[live];
  if (spec?.cron === undefined && spec?.watch === undefined) return "";
  return JSON.stringify([spec.cron, spec.watch, service.record.directories[live ?? ""]]);
}

async function begin(service: Service): Promise<readonly (Schedule | Watch)[]> {
  const { live, specs, directories } = service.record;
  const spec = live === null ? undefined : specs[live];
  const parts: (Schedule | Watch)[] = [];
  try {
    if (spec?.cron !== undefined)
      parts.push(await schedule(spec.cron, () => again(service, "its time has come")));
    if (spec?.watch !== undefined) {
      const directory = directories[live ?? ""] ?? spec.cwd;
      const paths = spec.watch.map((path) => new URL(path, `file://${directory}/`).pathname);
      const onChange = (changed: readonly string[]): void =>
        void again(service, `${changed.join(", ")} changed`);
      parts.push(await watchPaths(paths, onChange));
    }
  } catch (error) {
    note(`${service.key}: ${String(error)}`);
  }
  return parts;
}

/** The same verified replacement as by hand; while another change runs there is nothing to do. */
async function again(service: Service, why: string): Promise<void> {
  const spec = service.record.live === null ? undefined : service.record.specs[service.record.live];
  if (spec === undefined || service.busy !== null || isUnderDeploy(service)) return;
  note(`${service.key} is reloaded: ${why}`);
  try {
    await whenIdle(service, "reload", async () => {
      await replaceAll(service, spec);
    });
  } catch (error) {
    note(`${service.key}: ${String(error)}`);
  }
}

/** Between the steps of a deployment two releases run side by side: its instances are not ours to replace. */
export function isUnderDeploy(service: Service): boolean {
  return new Set(service.instances.map((instance) => instance.record.release)).size > 1;
}

function end(part: Schedule | Watch): void {
  if ("stop" in part) part.stop();
  else part.close();
}
