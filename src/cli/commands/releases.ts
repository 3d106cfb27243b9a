import type { HostView } from "../../plan/fleet.ts";
import { nameHosts } from "../../plan/strategies/in-place.ts";
import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { lookAt } from "../deployment/fleet.ts";
import { liveOnMost } from "../deployment/live.ts";
import { renderTable } from "../present/table.ts";
import { bytesText } from "../services/words.ts";

export const command: Command = {
  summary: "the releases on the servers and their states",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    await using context = await openContext(input, io, "read");
    const { hosts } = await lookAt(context, io);
    const rows = releaseRows(hosts);
    if (rows.length === 0) io.print(`No release of ${context.app} yet. cutover deploy makes the first one.`);
    else io.print(renderTable(["release", "state", "", "revision", "env", "size"], rows));
    for (const { host, why } of hosts.filter((view) => !view.reachable))
      io.print(`${host} cannot be reached: ${why ?? ""}`);
    const [first] = hosts;
    const all = hosts.map(({ host, reachable, current, releases }) => ({
      host,
      reachable,
      current,
      releases,
    }));
    io.result({ current: liveOnMost(hosts), releases: first?.releases ?? [], hosts: all });
    return exits.done;
  },
};

/** Newest first; where servers differ, the state says which has what. */
function releaseRows(hosts: readonly HostView[]): readonly (readonly string[])[] {
  const ids = new Set(hosts.flatMap((host) => host.releases.map(({ id }) => id)));
  return [...ids]
    .sort()
    .toReversed()
    .map((id) => {
      const found = hosts.flatMap((host) => host.releases.find((release) => release.id === id) ?? []);
      const label = found.find((release) => release.label !== undefined)?.label;
      const bytes = found.find((release) => release.bytes !== undefined)?.bytes;
      const [first] = found;
      return [
        id,
        perHost(hosts, (host) => host.releases.find((release) => release.id === id)?.state),
        perHost(hosts, (host) => (host.current === id ? "current" : undefined)),
        label ?? short(first?.revision),
        short(first?.envDigest),
        bytes === undefined ? "-" : bytesText(bytes),
      ];
    });
}

/** "good", or "good on web1, web2; failed on web3". */
function perHost(hosts: readonly HostView[], tell: (host: HostView) => string | undefined): string {
  const told = new Map<string, string[]>();
  for (const host of hosts) {
    const text = tell(host);
    if (text !== undefined) told.set(text, [...(told.get(text) ?? []), host.host]);
  }
  const [only] = told;
  if (only !== undefined && only[1].length === hosts.length) return only[0];
  return [...told].map(([text, names]) => `${text} on ${nameHosts(names)}`).join("; ");
}

function short(digest: string | undefined): string {
  return digest?.slice(0, 8) ?? "-";
}
