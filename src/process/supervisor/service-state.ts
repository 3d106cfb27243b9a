import type { ServiceState } from "../protocol.ts";
import type { Service } from "./life.ts";

export function setServiceState(service: Service, state: ServiceState, why: string): void {
  if (service.record.state === state) return;
  service.record.state = state;
  service.world.emit({ event: "service", key: service.key, state, why, at: Date.now() });
}
