import type { HostEnd } from "../../fleet/end.ts";
import { exits, Problem } from "../../problem.ts";
import type { Proof } from "../../proof/proof.ts";
import { storedProof } from "../../proof/stored.ts";
import {
  isDeploymentId,
  newestDeployment,
  newestDeployments,
  noDeployment,
} from "../deployment/deployments.ts";
import type { Measured } from "./measure.ts";

const searched = 100;
/** Servers that keep journals are the first ones. */
const anchors = 3;
const notKept = "nothing is kept of a deployment with proof: false, nor of one that has only just begun";

/** The proof of that deployment, or of the newest one. Problems: DEPLOYMENT_MISSING, PROOF_MISSING, PROOF_DAMAGED. */
export async function findProof(hosts: readonly HostEnd[], wanted: string | undefined): Promise<Proof> {
  const id = wanted ?? (await newestDeployment(hosts));
  if (id === undefined) throw noDeployment("Nothing was deployed yet.");
  if (!isDeploymentId(id)) throw noDeployment(`There is no deployment "${id}".`);
  const measured = await readMeasured(hosts, id);
  if (measured !== null && "verdict" in measured) return measured;
  const known = await newestDeployments(hosts.slice(0, anchors), searched);
  if (wanted !== undefined && measured === null && !known.includes(id))
    throw noDeployment(`There is no deployment ${id}.`);
  const other = wanted === undefined ? await newestMeasured(hosts, known) : null;
  throw missing(wanted === undefined ? `The newest deployment, ${id},` : `Deployment ${id}`, measured, other);
}

/** null: none of them was. What cannot be read is passed over. */
async function newestMeasured(hosts: readonly HostEnd[], ids: readonly string[]): Promise<string | null> {
  for (const id of ids) {
    const measured = await readMeasured(hosts, id).catch(() => null);
    if (measured !== null && "verdict" in measured) return id;
  }
  return null;
}

/** From whichever server has it; null: none. Problem PROOF_DAMAGED. */
export async function readMeasured(hosts: readonly HostEnd[], id: string): Promise<Measured | null> {
  for (const host of hosts) {
    const text = await host.readProof(id);
    if (text !== null) return parse(id, text);
  }
  return null;
}

function parse(id: string, text: string): Measured {
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch (error) {
    throw damaged(id, error instanceof Error ? error.message : undefined, error);
  }
  const reason = unmeasuredIn(kept);
  if (reason !== null) return reason;
  const stored = storedProof(kept);
  if ("proof" in stored) return stored.proof;
  throw damaged(id, `It does not tell: ${stored.lacks.join(", ")}.`);
}

function unmeasuredIn(kept: unknown): Exclude<Measured, Proof> | null {
  if (typeof kept !== "object" || kept === null || !("unmeasured" in kept)) return null;
  const fix = "fix" in kept && typeof kept.fix === "string" ? kept.fix : undefined;
  return { unmeasured: String(kept.unmeasured), fix };
}

function damaged(id: string, why: string | undefined, cause?: unknown): Problem {
  return new Problem(
    {
      code: "PROOF_DAMAGED",
      what: `The proof of deployment ${id} cannot be read.`,
      why,
      fix: `Look at .cutover/proofs/${id}.json on the servers.`,
      exit: exits.needsAttention,
    },
    { cause },
  );
}

function missing(which: string, measured: Exclude<Measured, Proof> | null, other: string | null): Problem {
  const { unmeasured: why = notKept, fix } = measured ?? {};
  const elsewhere =
    other === null
      ? "See the deployments: cutover history"
      : `The newest that was measured: cutover proof ${other}`;
  return new Problem({
    code: "PROOF_MISSING",
    what: `${which} was not measured.`,
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    fix: fix === undefined || other === null ? (fix ?? elsewhere) : `${fix} ${elsewhere}`,
    exit: exits.usage,
  });
}
