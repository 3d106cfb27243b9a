import type { Deployment } from "../../execute/history.ts";

type Judged = Deployment["verdicts"][number];

const found: Readonly<Record<Judged["verdict"], string>> = {
  harm: "the judge found harm",
  sound: "the judge found no harm",
  inconclusive: "the judge could not tell",
};

/** Why a deployment ended as it did, or how it stands. What nothing followed from is not told as a reason. */
export function whyOf({ end, problem, verdicts }: Pick<Deployment, "end" | "problem" | "verdicts">): string {
  if (problem !== null) return problem.what;
  const told =
    verdicts.findLast(({ isDryRun, verdict }) => isDryRun && verdict === "harm") ?? verdicts.at(-1);
  if (told === undefined) return "";
  const { isDryRun, verdict, why } = told;
  if (isDryRun) return `In a dry run ${found[verdict]}: ${why}`;
  return end === "new" && verdict !== "sound" ? `Promoted by hand, although ${found[verdict]}: ${why}` : why;
}
