import { readRecords } from "../../execute/history.ts";
import { isProblem } from "../../problem.ts";
import type { Context } from "../deployment/context.ts";
import { isDeploymentId, newestDeployment, noDeployment } from "../deployment/deployments.ts";
import { readMeasured, type Warn } from "../proof/copies.ts";
import type { Unmeasured } from "../proof/measure.ts";
import { type Report, reportOf } from "./report.ts";

interface Asking {
  /** The moment, ms since the epoch, where somebody else changes the app in it. */
  readonly heldAt?: number | null | undefined;
  readonly warn?: Warn | undefined;
}

/** Of that deployment, or of the newest one. Problem DEPLOYMENT_MISSING. */
export async function findReport(
  { hosts }: Pick<Context, "hosts">,
  wanted: string | undefined,
  { heldAt = null, warn }: Asking = {},
): Promise<Report> {
  const id = wanted ?? (await newestDeployment(hosts));
  if (id === undefined) throw noDeployment("Nothing was deployed yet.");
  if (!isDeploymentId(id)) throw noDeployment(`There is no deployment "${id}".`);
  const [records, measured] = await Promise.all([
    readRecords(hosts, id),
    readMeasured(hosts, id, warn).catch(unreadable),
  ]);
  const isNewest = heldAt !== null && id === (await newestDeployment(hosts));
  const report = reportOf(records, measured, isNewest ? heldAt : null);
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
