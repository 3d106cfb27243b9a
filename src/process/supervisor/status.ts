import type { ServiceSpec } from "../../plan/spec.ts";
import type { ServiceStatus } from "../protocol.ts";
import { statusOf } from "./follow.ts";
import type { Service } from "./life.ts";
import { mainPort } from "./ports.ts";
import { publicName } from "./release-name.ts";

const hidden = "***";

/** A service as others may see it; env values only when asked for. */
export function serviceStatus(service: Service, isSecretShown = false): ServiceStatus {
  const { record } = service;
  const spec = shownSpec(service);
  return {
    app: record.app,
    name: record.name,
    id: record.id,
    state: record.state,
    live: record.live === null ? null : publicName(record.live),
    port: mainPort(service, spec),
    instances: service.instances.map((instance) => {
      const status = statusOf(instance);
      return { ...status, release: publicName(status.release) };
    }),
    restarts: record.restarts,
    spec: isSecretShown ? spec : masked(spec),
    problem: record.problem ?? undefined,
    lastEnd: record.lastEnd ?? undefined,
  };
}

/** Of the live release; before the first switch, of what is staged. */
function shownSpec(service: Service): ServiceSpec {
  const { live, specs } = service.record;
  const spec = live === null ? Object.values(specs).at(-1) : specs[live];
  if (spec === undefined) throw new Error(`${service.key} has no spec`);
  return spec;
}

function masked(spec: ServiceSpec): ServiceSpec {
  return { ...spec, env: Object.fromEntries(Object.keys(spec.env).map((name) => [name, hidden])) };
}
