import { setTimeout as pause } from "node:timers/promises";
import { Problem, exits } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { ReplaceResult, ServiceStatus } from "../../process/protocol.ts";
import { labelOf } from "./label.ts";
import { openInstances } from "./words.ts";

const pollMs = 200;

/**
 * A program without a known port may be a worker, or a server that boots longer than a worker is watched. Waits a little
 * for a port to show up, and then until the instances that were started anew with it take traffic.
 */
export async function awaitLatePort(
  client: SupervisorClient,
  key: string,
  result: ReplaceResult,
  watchMs = 4_000,
): Promise<ReplaceResult> {
  if (result.status.port !== null || result.status.spec.health.kind === "none") return result;
  let status: ServiceStatus = result.status;
  const watchedUntil = performance.now() + watchMs;
  const bootedUntil = performance.now() + status.spec.bootMs;
  const isUndecided = (): boolean =>
    status.port === null
      ? performance.now() < watchedUntil
      : !isUp(status) && performance.now() < bootedUntil;
  while (isUndecided()) {
    await pause(pollMs);
    status = await client.service(key);
  }
  if (status.port !== null && !isUp(status)) throw notUp(status);
  return { ...result, status };
}

function notUp(status: ServiceStatus): Problem {
  return new Problem({
    code: "SERVICE_NOT_UP",
    what: `${labelOf(status)} opened port ${String(status.port)} and did not become healthy with it.`,
    ...status.problem,
    state: `${labelOf(status)} is started again and again; "cutover delete ${labelOf(status)}" ends that.`,
    exit: exits.needsAttention,
  });
}

function isUp(status: ServiceStatus): boolean {
  return openInstances(status).length >= status.spec.instances;
}
