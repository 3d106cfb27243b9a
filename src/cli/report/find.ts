import { readRecords } from "../../execute/history.ts";
import { isProblem } from "../../problem.ts";
import type { Context } from "../deployment/context.ts";
import { isDeploymentId, newestDeployment, noDeployment } from "../deployment/deployments.ts";
import { readMeasured } from "../proof/find.ts";
import type { Measured } from "../proof/measure.ts";
import { type Report, reportOf } from "./report.ts";

/** Of that deployment, or of the newest one. `isHeld`: somebody else changes the app now. Problem DEPLOYMENT_MISSING. */
export async function findReport(
  { hosts }: Context,
  wanted: string | undefined,
  isHeld: boolean = false,
): Promise<Report> {
  const id = wanted ?? (await newestDeployment(hosts));
  if (id === undefined) throw noDeployment("Nothing was deployed yet.");
  if (!isDeploymentId(id)) throw noDeployment(`There is no deployment "${id}".`);
  const [records, measured] = await Promise.all([
    readRecords(hosts, id),
    readMeasured(hosts, id).catch(unreadable),
  ]);
  const report = reportOf(records, measured, isHeld && id === (await newestDeployment(hosts)));
  if (report === null) throw noDeployment(`There is no deployment ${id}.`);
  return report;
}

/** A report is worth reading without the proof, but not silent about it. */
function unreadable(error: unknown): Measured | null {
  if (!isProblem(error) || error.detail.code !== "PROOF_DAMAGED") return null;
  const { why = "it is damaged", fix } = error.detail;
  return { unmeasured: `what was kept of it cannot be read (${why.replace(/\.$/, "")})`, fix };
}
