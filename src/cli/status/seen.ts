import type { AppSpec } from "../../plan/spec.ts";
import type { FleetStatus } from "../deployment/fleet-status.ts";
import type { DeploymentNow } from "../deployment/now.ts";

/** All that status tells of an app; while a deployment is under way (settled: null) nothing is said to lag. */
export interface SeenFleet extends FleetStatus, Pick<DeploymentNow, "settled"> {
  readonly spec: AppSpec;
}
