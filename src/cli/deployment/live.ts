import type { HostView } from "../../plan/fleet.ts";

/** The release that is live on most hosts, of equals that of the first host; null: nothing is live anywhere. */
export function liveOnMost(hosts: readonly Pick<HostView, "current">[]): string | null {
  const counts = new Map<string, number>();
  for (const { current } of hosts) if (current !== null) counts.set(current, (counts.get(current) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? null;
}
