import { maskSpec } from "../../fleet/shelf.ts";
import type { HostView, Observed } from "../../plan/fleet.ts";
import type { Goal } from "../../plan/record.ts";
import { refuseRollout, rolloutFor } from "../../plan/rollout.ts";
import type { AppSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import type { Context } from "./context.ts";
import { liveOnMost } from "./live.ts";

export interface Aim {
  readonly kind: Goal["kind"];
  readonly release: string;
  readonly revision: string;
  readonly envDigest: string | null;
  /** Ms since the epoch. */
  readonly committedAt?: number | undefined;
  readonly spec: AppSpec;
  /** Absent: all. */
  readonly hosts?: readonly string[] | undefined;
}

/** What the deployment wants, given what is there now. Problems: HOST_UNREACHABLE (exit 3), ROLLOUT_* (exit 2). */
export async function goalFor(
  context: Context,
  aim: Aim,
  { id, observed }: { readonly id: string; readonly observed: Observed },
): Promise<Goal> {
  refuseAbsent(observed);
  const { kind, release, revision, envDigest, committedAt, spec } = aim;
  const hosts = aim.hosts ?? context.hosts.map((end) => end.name);
  const views = observed.hosts.filter((view) => hosts.includes(view.host));
  const previous = liveOnMost(views);
  const { rollout, halves } = context.config;
  const goal: Goal = {
    id,
    kind,
    release,
    previous,
    ...others(views, previous),
    revision,
    envDigest,
    ...(committedAt === undefined ? {} : { committedAt }),
    hosts,
    ...(halves === undefined || kind === "converge" ? {} : { halves }),
    anchors: context.anchors.map((end) => end.name),
    balancers: observed.balancers.map((view) => view.host),
    routing: Object.fromEntries(observed.balancers.map((view) => [view.host, view.routing])),
    rollout: rolloutFor(kind, rollout),
    spec: maskSpec(spec),
    ...(await previousSpec(context, views, previous)),
  };
  refuseRollout(goal);
  return goal;
}

function others(hosts: readonly HostView[], previous: string | null): Pick<Goal, "previousOn"> {
  const differing = hosts.filter(({ current }) => current !== previous);
  if (differing.length === 0) return {};
  return { previousOn: Object.fromEntries(differing.map(({ host, current }) => [host, current])) };
}

/** A release of another tool has no settings here; it is undone with those of the new one. */
async function previousSpec(
  context: Context,
  hosts: readonly HostView[],
  previous: string | null,
): Promise<Pick<Goal, "previousSpec">> {
  const view = hosts.find(({ current }) => current === previous);
  const end = context.hosts.find(({ name }) => name === view?.host);
  if (previous === null || end === undefined) return {};
  const shelved = await end.loadSettings(previous).catch(() => null);
  return shelved === null ? {} : { previousSpec: maskSpec(shelved.spec) };
}

function refuseAbsent({ hosts, balancers }: Observed): void {
  const absent = [...balancers, ...hosts].filter((view) => !view.reachable);
  if (absent.length === 0) return;
  throw new Problem({
    code: "HOST_UNREACHABLE",
    what: `${absent.map((view) => view.host).join(", ")} cannot be asked what is there.`,
    why: absent.map((view) => view.why ?? "").join(" "),
    fix: "Make every server and balancer of cutover.yml reachable, then try again.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
