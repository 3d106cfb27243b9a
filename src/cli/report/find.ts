import { readRecords } from "../../execute/history.ts";
import { isProblem } from "../../problem.ts";
import type { Context } from "../deployment/context.ts";
import { isDeploymentId, newestDeployment, noDeployment } from "../deployment/deployments.ts";
import { readMeasured, type Warn } from "../proof/copies.ts";
import type { Unmeasured } from "../proof/measure.ts";
import { type Report, reportOf } from "./report.ts";

interface Asking {
  /** Somebody else changes the app now. */
  readonly isHeld?: boolean | undefined;
  readonly warn?: Warn | undefined;
}

/** Of that deployment, or of the newest one. Problem DEPLOYMENT_MISSING. */
export async function findReport(
  { hosts }: Pick<Context, "hosts">,
  wanted: string | undefined,
  { isHeld = false, warn }: Asking = {},
): Promise<Report> {
  const id = wanted ?? (await newestDeployment(hosts));
  if (id === undefined) throw noDeployment("Nothing was deployed yet.");
  if (!isDeploymentId(id)) throw noDeployment(`There is no deployment "${id}".`);
  const [records, measured] = await Promise.all([
    readRecords(hosts, id),
    readMeasured(hosts, id, warn).catch(unreadable),
  ]);
  const report = reportOf(records, measured, isHeld && id === (await newestDeployment(hosts)));
  if (report === null) throw noDeployment(`There is no deployment ${id}.`);
  return report;
}

/** A report is worth reading without the proof, but not silent about it. */
function unreadable(error: unknown): Unmeasured {
  if (!isProblem(error)) throw error;
  const { code, what, why, fix } = error.detail;
  const said = (code === "PROOF_DAMAGED" && why !== undefined ? why : what).replace(/\.$/, "");
  return { unmeasured: said, fix, isUnreadable: true };
}
