import type { AttemptInput } from "./attempt.ts";
import { claimsIn } from "./control.ts";
import type { Instance, Service } from "./life.ts";
import { probe } from "./probe.ts";
import { ask } from "./control.ts";

const warmMs = 30_000;

/** Requests the warm paths once from every process that took the port, so that no user meets a cold one. */
export async function warm(service: Service, instance: Instance, input: AttemptInput): Promise<void> {
  const { health } = input.spec;
  if (health.kind !== "http" || input.port === null) return;
  for (const claim of claimsIn(instance.record.runDirectory)) {
    for (const path of health.warm) {
      const line = await visit(claim, path, input.port);
      if (line === null) continue;
      const { id } = instance.record;
      service.world.emit({ event: "finding", key: service.key, instance: id, line, at: Date.now() });
    }
  }
}

/** Null when it answered below 500, else one line that says what came instead. */
async function visit(
  claim: ReturnType<typeof claimsIn>[number],
  path: string,
  port: number,
): Promise<string | null> {
  try {
    const { tls } = await ask(claim, { do: "status" });
    const { status } = await probe({ socketPath: claim.probe, path, port, tls, timeoutMs: warmMs });
    return status < 500 ? null : `warm ${path}: ${String(status)}`;
  } catch (error) {
    return `warm ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
