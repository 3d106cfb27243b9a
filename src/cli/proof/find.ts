import type { HostEnd } from "../../fleet/end.ts";
import { exits, Problem } from "../../problem.ts";
import type { Proof } from "../../proof/proof.ts";
import {
  isDeploymentId,
  newestDeployment,
  newestDeployments,
  noDeployment,
} from "../deployment/deployments.ts";
import { readMeasured, type Warn } from "./copies.ts";
import type { Unmeasured } from "./measure.ts";

const searched = 100;
/** Servers that keep journals are the first ones. */
const anchors = 3;
const notKept = "nothing is kept of a deployment with proof: false, nor of one that has only just begun";

/** The proof of that deployment, or of the newest one. Problems: DEPLOYMENT_MISSING, PROOF_MISSING, PROOF_DAMAGED. */
export async function findProof(
  hosts: readonly HostEnd[],
  wanted: string | undefined,
  warn?: Warn,
): Promise<Proof> {
  const id = wanted ?? (await newestDeployment(hosts));
  if (id === undefined) throw noDeployment("Nothing was deployed yet.");
  if (!isDeploymentId(id)) throw noDeployment(`There is no deployment "${id}".`);
  const measured = await readMeasured(hosts, id, warn);
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

function missing(which: string, measured: Unmeasured | null, other: string | null): Problem {
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
