import type { HostEnd } from "../../fleet/end.ts";
import { exits, Problem } from "../../problem.ts";
import type { Proof } from "../../proof/proof.ts";

const searched = 100;

/** The proof of that deployment, or the newest one there is, from whichever server has it. Problem PROOF_MISSING. */
export async function findProof(hosts: readonly HostEnd[], id: string | undefined): Promise<Proof> {
  if (id !== undefined && !/^\d+$/.test(id)) throw missing(`There is no deployment "${id}".`);
  for (const host of hosts) {
    const ids =
      id === undefined ? (await host.journals(searched)).map((journal) => journal.id).reverse() : [id];
    for (const one of ids) {
      const text = await host.readProof(one);
      if (text !== null) return parse(one, text);
    }
  }
  throw missing(id === undefined ? "No deployment was measured yet." : `Deployment ${id} was not measured.`);
}

function parse(id: string, text: string): Proof {
  try {
    const proof: Proof = JSON.parse(text);
    return proof;
  } catch (error) {
    throw new Problem(
      {
        code: "PROOF_DAMAGED",
        what: `The proof of deployment ${id} cannot be read.`,
        why: error instanceof Error ? error.message : undefined,
        fix: `Look at .cutover/proofs/${id}.json on the servers.`,
        exit: exits.needsAttention,
      },
      { cause: error },
    );
  }
}

function missing(what: string): Problem {
  return new Problem({
    code: "PROOF_MISSING",
    what,
    why: "A first deployment has nothing to lose, and one without proof.url and without a port with a health path has nothing to ask.",
    fix: "See the deployments: cutover history",
    exit: exits.usage,
  });
}
