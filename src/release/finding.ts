import type { ProblemDetail } from "../problem.ts";

/** Something a check saw. "refuse": the deployment must not go on. */
export interface Finding {
  readonly severity: "refuse" | "warn";
  readonly problem: ProblemDetail;
}
