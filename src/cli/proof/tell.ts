import type { HostEnd } from "../../fleet/end.ts";
import { isProblem, type ProblemDetail } from "../../problem.ts";
import type { Io } from "../command.ts";
import { keepProof, type Keeping, type Unkept } from "./keep.ts";
import type { Kept } from "./kept.ts";
import type { Measured } from "./measure.ts";
import { proofLines } from "./text.ts";

interface Told extends Omit<Kept, "keptAt"> {
  readonly keeping: Keeping;
}

/** Keeps and prints what was measured in the end. A proof that cannot be made or kept warns, and fails no deployment. */
export async function tellMeasured(
  hosts: readonly HostEnd[],
  io: Io,
  { keeping, measured, isEnded }: Told,
): Promise<void> {
  const { kept, unkept } = await keepProof(hosts, keeping, { measured, isEnded });
  const isKept = kept.length > 0;
  for (const problem of unkept.map((one) => unkeptProblem(one, measured, isKept)))
    io.emit({ event: "warning", problem });
  if ("verdict" in measured) {
    io.result({ proof: measured });
    for (const line of proofLines(measured, isKept)) io.print(line);
    return;
  }
  const { unmeasured, fix } = measured;
  io.result({ proof: null, unmeasured });
  if (fix === undefined) io.emit({ event: "note", text: `Not measured: ${unmeasured}.` });
  else io.emit({ event: "warning", problem: unmeasuredProblem(unmeasured, fix) });
}

const unaffected = "The deployment itself is not affected.";

function unkeptProblem({ host, error }: Unkept, measured: Measured, isElsewhere: boolean): ProblemDetail {
  const said = error instanceof Error ? error.message : String(error);
  const what =
    "verdict" in measured
      ? "The deployment was measured, but its proof could not be kept"
      : "Why the deployment was not measured could not be kept";
  return {
    code: "PROOF_UNKEPT",
    what: `${what} on ${host}: ${said.replace(/\.$/, "")}.${isElsewhere ? " Another server keeps it." : " It is told here alone."}`,
    fix: isProblem(error) ? error.detail.fix : undefined,
    state: unaffected,
  };
}

function unmeasuredProblem(why: string, fix: string): ProblemDetail {
  return {
    code: "PROOF_FAILED",
    what: `The deployment was not measured: ${why.replace(/\.$/, "")}.`,
    fix,
    state: unaffected,
  };
}
