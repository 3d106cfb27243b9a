import type { ServiceSpec } from "../../plan/spec.ts";
import { isProblem, withState } from "../../problem.ts";
import { batches } from "./batches.ts";
import { cutOver } from "./cut-over.ts";
import { add, drain, nothingDrained, type Drained } from "./drain.ts";
import type { Service } from "./life.ts";
import { narrowPorts } from "./narrow-ports.ts";
import { nextName } from "./release-name.ts";
import { setServiceState } from "./service-state.ts";
import { stage } from "./stage.ts";
import { presentState, removeStaged, verify } from "./verify.ts";

interface Former {
  readonly release: string | null;
  readonly spec: ServiceSpec | undefined;
  readonly count: number;
}

/** Replaces all instances by new ones in batches, never below capacity. On failure the former ones serve again. */
export async function replaceAll(service: Service, spec: ServiceSpec): Promise<Drained> {
  const { record } = service;
  const former: Former = {
    release: record.live,
    spec: record.live === null ? undefined : record.specs[record.live],
    count: service.instances.filter((one) => one.record.wanted).length,
  };
  const release = nextName(service);
  let drained = nothingDrained;
  for (const count of batches(spec.instances)) {
    const keep = count === spec.instances ? 0 : Math.max(former.count - count, 0);
    try {
      await stage(service, { release, count, spec });
      await verify(service, release);
      await cutOver(service, { release, keep });
    } catch (error) {
      throw await goBack(service, { release, former, error });
    }
    drained = add(drained, await drain(service, { release, keep }));
  }
  await narrowPorts(service);
  settle(service);
  return drained;
}

/** Brings the live release to another number of instances without touching those that stay. */
export async function scale(service: Service, spec: ServiceSpec): Promise<Drained> {
  const release = service.record.live ?? nextName(service);
  try {
    await stage(service, { release, count: spec.instances, spec });
    await verify(service, release);
    await cutOver(service, { release, keep: 0 });
  } catch (error) {
    await removeStaged(service, release);
    throw error;
  }
  const drained = await drain(service, { release, keep: 0 });
  settle(service);
  return drained;
}

function settle(service: Service): void {
  service.record.problem = null;
  setServiceState(service, "running", `release ${service.record.live ?? ""} serves`);
}

async function goBack(
  service: Service,
  failed: { readonly release: string; readonly former: Former; readonly error: unknown },
): Promise<unknown> {
  const { release, former, error } = failed;
  await removeStaged(service, release);
  const isHalfWay = service.record.live === release;
  if (isHalfWay && former.release !== null && former.spec !== undefined) {
    const back = former.release;
    await stage(service, { release: back, count: former.count, spec: former.spec });
    await verify(service, back);
    await cutOver(service, { release: back, keep: 0 });
    await drain(service, { release: back, keep: 0 });
  }
  return isProblem(error) ? withState(error, presentState(service)) : error;
}
