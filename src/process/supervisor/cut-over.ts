import { isProblem, Problem, withState } from "../../problem.ts";
import type { SwitchRequest } from "../protocol.ts";
import { crashOf } from "./failure.ts";
import { openGate, parkGate } from "./gate.ts";
import type { Instance, Service } from "./life.ts";
import { cancelRevival } from "./revive.ts";
import { ofRelease } from "./stage.ts";
import { notStaged, presentState } from "./verify.ts";

/** Opens every checked instance of the release, leaves `keep` of the others accepting and parks the rest. */
export async function cutOver(service: Service, request: SwitchRequest): Promise<void> {
  const { release, keep } = request;
  const next = ofRelease(service, release).filter((one) => one.record.state !== "failed");
  if (next.length === 0) throw notStaged(service, release);
  const unchecked = next.find((one) => one.record.state === "starting" && !one.record.wanted);
  if (unchecked !== undefined) throw notChecked(service, unchecked);
  refuseShortfall(service, next, request);
  await openAll(service, next);
  service.record.live = release;
  service.record.problem = null;
  service.record.lastEnd = null;
  const others = service.instances.filter((one) => one.record.release !== release && one.record.wanted);
  const surplus = Math.max(others.length - keep, 0);
  const parked = others.toSorted(deadFirst).slice(0, surplus);
  for (const instance of parked) cancelRevival(service, instance);
  await Promise.all(parked.map((instance) => parkGate(service, instance)));
  await service.world.save();
}

/** An instance that died since its check leaves too few to take over what the old ones carry. */
function refuseShortfall(
  service: Service,
  next: readonly Instance[],
  { release, keep }: SwitchRequest,
): void {
  const accepting = service.instances.filter((one) => one.record.state === "open");
  const others = accepting.filter((one) => one.record.release !== release).length;
  const wanted = service.record.specs[release]?.instances ?? next.length;
  const after = next.length + Math.min(keep, others);
  if (after >= Math.min(accepting.length, wanted)) return;
  const lost = ofRelease(service, release).find((one) => one.record.state === "failed");
  const problem = lost === undefined ? tooFew(service, release, after) : crashOf(service, lost, 1);
  throw withState(problem, presentState(service));
}

function tooFew(service: Service, release: string, after: number): Problem {
  return new Problem({
    code: "CAPACITY",
    what: `The switch of ${service.key} to release ${release} would leave ${String(after)} instances taking traffic, fewer than now.`,
    fix: "Stage the missing instances first.",
  });
}

/** All or none: when one cannot be opened those opened just now are parked again. */
async function openAll(service: Service, instances: readonly Instance[]): Promise<void> {
  const closed = instances.filter((one) => one.record.state === "ready" || one.record.state === "parked");
  const opened = await Promise.allSettled(closed.map((instance) => openGate(service, instance)));
  const failure = opened.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  await Promise.all(
    closed.filter((_, i) => opened[i]?.status === "fulfilled").map((one) => parkGate(service, one)),
  );
  await service.world.save();
  const reason: unknown = failure.reason;
  throw isProblem(reason) ? withState(reason, presentState(service)) : reason;
}

/** Parks the dead first, then the low slots: the next batch of the new release takes those. */
function deadFirst(one: Instance, other: Instance): number {
  const rank = (instance: Instance): number => (instance.record.state === "open" ? 1 : 0);
  return rank(one) - rank(other) || one.record.slot - other.record.slot;
}

function notChecked(service: Service, instance: Instance): Problem {
  return new Problem({
    code: "NOT_CHECKED",
    what: `Instance ${String(instance.record.slot)} of ${service.key} (release ${instance.record.release}) has not passed its checks.`,
    fix: "Check the release before the switch.",
    state: presentState(service),
  });
}
