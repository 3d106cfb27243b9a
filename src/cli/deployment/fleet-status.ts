import type { HostEnd } from "../../fleet/end.ts";
import type { ReleaseOnDisk } from "../../fleet/release-on-disk.ts";
import type { HostView } from "../../plan/fleet.ts";
import type { BalancerView } from "../../plan/traffic.ts";
import type { ProblemDetail } from "../../problem.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { lookAt } from "./fleet.ts";

/** One server as status tells it; of one that cannot be reached only `why`. */
export interface HostStatus extends Pick<HostView, "host" | "reachable" | "why" | "current" | "releases"> {
  /** Of this app, with real pids and directories; null: no supervisor runs. */
  readonly services: readonly ServiceStatus[] | null;
  /** Instances may serve, and nobody looks after them. */
  readonly isUnsupervised: boolean;
  /** Real directory of the live release. */
  readonly directory: string | null;
  /** The env file of the live release against what was deployed. */
  readonly env: ReleaseOnDisk["env"];
}

export interface FleetStatus {
  readonly hosts: readonly HostStatus[];
  /** Weights, cohort and sessions as they are in force. */
  readonly balancers: readonly BalancerView[];
}

export async function readFleetStatus(context: Context, io: Io): Promise<FleetStatus> {
  const { hosts, balancers } = await lookAt(context, io);
  const statuses = hosts.map(async (view) => {
    const end = context.hosts.find(({ name }) => name === view.host);
    return end === undefined || !view.reachable ? absent(view) : await statusOf(context, end, view);
  });
  return { hosts: await Promise.all(statuses), balancers };
}

async function statusOf({ app, config }: Context, end: HostEnd, view: HostView): Promise<HostStatus> {
  const { current } = view;
  const [all, onDisk] = await Promise.all([
    end.services(),
    current === null ? null : end.releaseOnDisk(current),
  ]);
  const hasInstances = config.spec.services.some((service) => service.engine === "builtin");
  return {
    ...factsOf(view),
    services: all?.filter((service) => service.app === app).map(withoutLogLines) ?? null,
    isUnsupervised: all === null && current !== null && hasInstances,
    directory: onDisk?.directory ?? null,
    env: onDisk?.env ?? "none",
  };
}

/** A program may log its secrets, which nobody knows here: its lines are for "cutover logs". */
function withoutLogLines({ problem, lastEnd, ...service }: ServiceStatus): ServiceStatus {
  return { ...service, problem: withoutEvidence(problem), lastEnd: withoutEvidence(lastEnd) };
}

function withoutEvidence(problem: ProblemDetail | undefined): ProblemDetail | undefined {
  return problem === undefined ? undefined : { ...problem, evidence: undefined };
}

function absent(view: HostView): HostStatus {
  return { ...factsOf(view), services: null, isUnsupervised: false, directory: null, env: "none" };
}

function factsOf({ host, reachable, why, current, releases }: HostView) {
  return { host, reachable, why, current, releases };
}
