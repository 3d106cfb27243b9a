import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileProblem } from "../../release/file-problem.ts";
import { exits, Problem } from "../../problem.ts";
import { proofSvg } from "../../proof/svg.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { newestDeployment } from "../deployment/deployments.ts";
import { lockNow } from "../deployment/now.ts";
import { findProof } from "../proof/find.ts";
import { proofNow } from "../proof/so-far.ts";
import { proofText } from "../proof/text.ts";

export const command: Command = {
  summary: "what a deployment cost the clients, as measured while it went on",
  usage: "[ID] [--svg FILE]",
  positionals: 1,
  options: { svg: { type: "string", value: "FILE", about: "write it as a picture, too" } },
  notes: [
    "Without an ID it is about the newest deployment.",
    "Exit code 0: it is proven that nothing was lost. 5: something was lost, or it is not proven.",
    "2: it was not measured, or there is no such deployment.",
  ],
  async run(input, io) {
    await using context = await openContext(input, io, "read");
    // Asked before the proof: what ends in between has ended.
    const { holder } = await lockNow(context);
    const kept = await findProof(context.hosts, input.positionals[0], (problem) =>
      io.emit({ event: "warning", problem }),
    );
    const isUnderWay =
      holder !== null && !kept.isEnded && kept.deployment === (await newestDeployment(context.hosts));
    const proof = isUnderWay ? proofNow(kept) : kept;
    const { svg } = input.flags;
    if (typeof svg === "string") {
      const path = resolve(io.cwd, svg);
      await writeFile(path, proofSvg(proof)).catch((error: unknown) => {
        throw fileProblem(error, `write ${path}`);
      });
    }
    io.print(proofText(proof));
    io.result({ proof });
    if (proof.verdict === "holds" && proof.isEnded) return exits.done;
    throw new Problem({
      code: "PROOF_FAILS",
      what:
        proof.verdict === "holds"
          ? `Deployment ${proof.deployment} ${isUnderWay ? "is under way" : "has not come to its end"}: nothing was lost so far.`
          : `Deployment ${proof.deployment} is not proven to have lost nothing: ${proof.verdict}.`,
      why: proof.reasons[0],
      exit: exits.needsAttention,
    });
  },
};
