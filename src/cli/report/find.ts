import { readRecords } from "../../execute/history.ts";
import { exits, isProblem, Problem } from "../../problem.ts";
import type { Context } from "../deployment/context.ts";
import { readMeasured } from "../proof/find.ts";
import type { Measured } from "../proof/measure.ts";
import { type Report, reportOf } from "./report.ts";

/** Of that deployment, or of the newest one. Problem DEPLOYMENT_MISSING. */
export async function findReport({ hosts }: Context, wanted: string | undefined): Promise<Report> {
  const id = wanted ?? (await newestOf(hosts));
  if (id === undefined) throw missing("Nothing was deployed yet.");
  if (!/^\d+$/.test(id)) throw missing(`There is no deployment "${id}".`);
  const [records, measured] = await Promise.all([
    readRecords(hosts, id),
    readMeasured(hosts, id).catch(unreadable),
  ]);
  const report = reportOf(records, measured);
  if (report === null) throw missing(`There is no deployment ${id}.`);
  return report;
}

/** A report is worth reading without the proof, but not silent about it. */
function unreadable(error: unknown): Measured | null {
  if (!isProblem(error) || error.detail.code !== "PROOF_DAMAGED") return null;
  const { why = "it is damaged", fix } = error.detail;
  return { unmeasured: `what was kept of it cannot be read (${why.replace(/\.$/, "")})`, fix };
}

async function newestOf(hosts: Context["hosts"]): Promise<string | undefined> {
  const known = await Promise.allSettled(hosts.map((host) => host.journals(1)));
  const ids = known.flatMap((one) =>
    one.status === "fulfilled" ? one.value.map(({ id }) => Number(id)) : [],
  );
  return ids.length === 0 ? undefined : String(Math.max(...ids));
}

function missing(what: string): Problem {
  return new Problem({
    code: "DEPLOYMENT_MISSING",
    what,
    why: "A server keeps the journals of its newest deployments.",
    fix: "See the deployments: cutover history",
    exit: exits.usage,
  });
}
