import type { HostEnd } from "../../fleet/end.ts";
import { exits, Problem } from "../../problem.ts";

/** Id of the newest deployment that any server knows of; undefined: none does. Fails where no server tells. */
export async function newestDeployment(hosts: readonly HostEnd[]): Promise<string | undefined> {
  return (await newestDeployments(hosts, 1))[0];
}

/** The newest one first. */
export async function newestDeployments(
  hosts: readonly HostEnd[],
  count: number,
): Promise<readonly string[]> {
  const asked = await Promise.allSettled(hosts.map((host) => host.journals(count)));
  const told = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const [failed] = asked.flatMap((one) => (one.status === "rejected" ? [one] : []));
  if (told.length === 0 && failed !== undefined) throw failed.reason;
  const ids = new Set(told.flat().map(({ id }) => Number(id)));
  return [...ids].toSorted((a, b) => b - a).map(String);
}

export function isDeploymentId(wanted: string): boolean {
  return /^\d+$/.test(wanted);
}

export function noDeployment(what: string): Problem {
  return new Problem({
    code: "DEPLOYMENT_MISSING",
    what,
    why: "A server keeps the journals of its newest deployments.",
    fix: "See the deployments: cutover history",
    exit: exits.usage,
  });
}
