import { Problem, exits } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { ReplaceResult, ServiceStatus } from "../../process/protocol.ts";
import { asLabelled, keyOf, labelOf } from "./label.ts";

/** Sets the number of instances of the release that runs; those that stay are left alone. `service` with its secrets. */
export async function scaleService(
  client: SupervisorClient,
  service: ServiceStatus,
  count: number,
): Promise<ReplaceResult> {
  if (service.live === null || service.state === "stopped") throw notRunning(service);
  return asLabelled(service, () => client.start(keyOf(service), { ...service.spec, instances: count }));
}

function notRunning(service: ServiceStatus): Problem {
  const label = labelOf(service);
  return new Problem({
    code: "SERVICE_STOPPED",
    what: `${label} does not run.`,
    fix: `cutover start ${label}, then scale it`,
    exit: exits.usage,
  });
}
