import type { HostEnd } from "../../fleet/end.ts";
import { exits, Problem, type ProblemDetail } from "../../problem.ts";
import { type Kept, readKept } from "./kept.ts";
import type { Measured } from "./measure.ts";

/** For what is worth a word and fails nothing. */
export type Warn = (problem: ProblemDetail) => void;

/**
 * The best of the copies that the servers have; null: there is none. One that cannot be read is passed over, with a warning.
 * Problem PROOF_DAMAGED: none of them can be read.
 */
export async function readMeasured(
  hosts: readonly HostEnd[],
  id: string,
  warn: Warn = () => undefined,
): Promise<Measured | null> {
  const asked = await Promise.allSettled(hosts.map((host) => readCopy(host, id)));
  const copies = asked.flatMap((one) => (one.status === "fulfilled" ? (one.value ?? []) : []));
  const [best] = copies.flatMap(({ kept }) => ("why" in kept ? [] : [kept])).toSorted(byWorth);
  const damaged = copies.flatMap(({ host, kept }) =>
    "why" in kept ? [damage(id, host, { why: kept.why, isOnly: best === undefined })] : [],
  );
  if (best !== undefined) {
    for (const problem of damaged) warn(problem);
    return best.measured;
  }
  const [first] = damaged;
  if (first !== undefined) throw new Problem(first);
  const failed = asked.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return null;
}

interface Copy {
  readonly host: string;
  readonly kept: ReturnType<typeof readKept>;
}

async function readCopy(host: HostEnd, id: string): Promise<Copy | null> {
  const text = await host.readProof(id);
  return text === null ? null : { host: host.name, kept: readKept(text) };
}

/** What was kept at the end of the deployment before all that was kept on its way, then the newest. */
function byWorth(one: Kept, other: Kept): number {
  return Number(other.isEnded) - Number(one.isEnded) || other.keptAt - one.keptAt;
}

function damage(
  id: string,
  where: string,
  { why, isOnly }: { readonly why: string; readonly isOnly: boolean },
): ProblemDetail {
  const file = `.cutover/proofs/${id}.json`;
  return {
    code: "PROOF_DAMAGED",
    what: `The proof of deployment ${id} cannot be read.`,
    where,
    why,
    fix: isOnly
      ? `Look at ${file} in the app's path there, or remove it: the deployment then counts as not measured.`
      : `Another server's copy is told. Remove ${file} in the app's path there.`,
    state: "The deployment itself is not affected.",
    exit: exits.needsAttention,
  };
}
