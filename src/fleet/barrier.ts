import { exits, isProblem, Problem } from "../problem.ts";
import type { BalancerEnd, HostEnd } from "./end.ts";
import type { Raised } from "./epoch.ts";
import { isLost } from "./lost.ts";

type Fenced = Pick<HostEnd, "name" | "epoch" | "raise">;

interface Targets {
  readonly hosts: readonly Pick<HostEnd, "name" | "epoch" | "raise">[];
  readonly balancers: readonly Pick<BalancerEnd, "name" | "epoch" | "raise">[];
}

/** Two that begin at the same moment can refuse each other a few times, but not for ever. */
const mostTries = 3;

/**
 * The barrier: an epoch above all others, on every balancer first and then on every host. Whoever had a lower one is shut out
 * everywhere from here on, so what is observed now holds. Problems: HOST_UNREACHABLE (exit 3), LOCK_STALE.
 */
export async function raiseEverywhere({ hosts, balancers }: Targets, operator: string): Promise<number> {
  const all = [...balancers, ...hosts];
  for (let tries = 1; ; tries += 1) {
    const epoch = Math.max(0, ...(await onAll(all, (end) => end.epoch()))) + 1;
    const refused = (await raiseOn(balancers, epoch, operator)) ?? (await raiseOn(hosts, epoch, operator));
    if (refused === null) return epoch;
    if (tries === mostTries) throw overtaken(refused, epoch);
  }
}

interface Refused extends Raised {
  readonly name: string;
}

async function raiseOn(ends: readonly Fenced[], epoch: number, operator: string): Promise<Refused | null> {
  const raised = await onAll(ends, async (end) => ({
    name: end.name,
    ...(await end.raise(epoch, operator)),
  }));
  return raised.find((one) => !one.accepted) ?? null;
}

/** All at once; every one of them has to answer. */
async function onAll<End extends Fenced, T>(
  ends: readonly End[],
  ask: (end: End) => Promise<T>,
): Promise<readonly T[]> {
  const settled = await Promise.allSettled(ends.map(ask));
  const failed = settled.flatMap((one, index) =>
    one.status === "rejected" ? [{ name: ends[index]?.name ?? "", error: one.reason as unknown }] : [],
  );
  if (failed.length > 0) throw unreachable(failed);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

interface Failure {
  readonly name: string;
  readonly error: unknown;
}

/** A host that answers says for itself what is wrong. */
function unreachable(failed: readonly Failure[]): unknown {
  const other = failed.find(({ error }) => !isLost(error));
  if (other !== undefined) return other.error;
  const [first] = failed;
  const names = failed.map(({ name }) => name).join(", ");
  const reasons = failed.map(({ name, error }) => `${name}: ${error instanceof Error ? error.message : ""}`);
  const fix = isProblem(first?.error) ? first.error.detail.fix : undefined;
  return new Problem(
    {
      code: "HOST_UNREACHABLE",
      what: `${names} cannot be asked, and nothing is done while a host cannot be fenced.`,
      why: reasons.join(" "),
      fix: fix ?? "Make every server and balancer of cutover.yml reachable, or take it out of the file.",
      exit: exits.refused,
    },
    { cause: first?.error },
  );
}

function overtaken({ name, epoch }: Refused, mine: number): Problem {
  return new Problem({
    code: "LOCK_STALE",
    what: "Somebody newer is in charge of this app.",
    why: `${name} has accepted epoch ${epoch}; this operator came with ${mine}.`,
    fix: "See who it is with cutover status, and try again when that has ended.",
    state: "This command changed nothing.",
    exit: exits.interrupted,
  });
}
