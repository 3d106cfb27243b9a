import type { HostEnd } from "../../fleet/end.ts";
import { exits, Problem } from "../../problem.ts";
import type { Proof } from "../../proof/proof.ts";
import { storedProof } from "../../proof/stored.ts";
import type { Measured } from "./measure.ts";

const searched = 100;

/** The proof of that deployment, or the newest one there is. Problems: PROOF_MISSING, PROOF_DAMAGED. */
export async function findProof(hosts: readonly HostEnd[], id: string | undefined): Promise<Proof> {
  if (id !== undefined && !/^\d+$/.test(id)) throw missing(`There is no deployment "${id}".`);
  for (const one of id === undefined ? await newestFirst(hosts) : [id]) {
    const measured = await readMeasured(hosts, one);
    if (measured !== null && "verdict" in measured) return measured;
    if (measured !== null && id !== undefined)
      throw missing(`Deployment ${id} was not measured.`, measured.unmeasured, measured.fix);
  }
  if (id === undefined) throw missing("No deployment was measured yet.");
  if ((await newestFirst(hosts)).includes(id)) throw missing(`Deployment ${id} was not measured.`);
  throw missing(`There is no deployment ${id}.`, "a server keeps the journals of its newest deployments");
}

/** From whichever server has it; null: none. Problem PROOF_DAMAGED. */
export async function readMeasured(hosts: readonly HostEnd[], id: string): Promise<Measured | null> {
  for (const host of hosts) {
    const text = await host.readProof(id);
    if (text !== null) return parse(id, text);
  }
  return null;
}

async function newestFirst(hosts: readonly HostEnd[]): Promise<readonly string[]> {
  const known = await Promise.all(hosts.slice(0, 3).map((host) => host.journals(searched)));
  const ids = new Set(known.flat().map(({ id }) => Number(id)));
  return [...ids].sort((a, b) => b - a).map(String);
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

function missing(what: string, why?: string, fix?: string): Problem {
  return new Problem({
    code: "PROOF_MISSING",
    what,
    why:
      why === undefined
        ? "A first deployment has nothing to lose, and proof: false measures nothing."
        : `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    fix: fix ?? "See the deployments: cutover history",
    exit: exits.usage,
  });
}
