import type { Service } from "./life.ts";
import { neededPorts, takePorts } from "./ports.ts";
import { isShimAlive } from "./shim.ts";

/** Closes ports that no release of the service needs any more: a changed port would stay open with nobody behind it. */
export async function narrowPorts(service: Service): Promise<void> {
  const { record } = service;
  if (!isShimAlive(record.shim)) return;
  const releases = new Set([record.live, ...service.instances.map((one) => one.record.release)]);
  const needed = new Set(
    [...releases].flatMap((release) => {
      const spec = release === null ? undefined : record.specs[release];
      return spec === undefined ? [] : neededPorts(service, spec);
    }),
  );
  const kept = record.shim.ports.filter((port) => needed.has(port));
  if (kept.length === record.shim.ports.length || kept.length === 0) return;
  const spec = record.live === null ? undefined : record.specs[record.live];
  if (spec !== undefined) await takePorts(service, spec, kept);
}
