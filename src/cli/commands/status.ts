import { exits } from "../../problem.ts";
import type { Command, Io } from "../command.ts";
import { type Context, openContext } from "../deployment/context.ts";
import { readFleetStatus } from "../deployment/fleet-status.ts";
import { liveOnMost } from "../deployment/live.ts";
import { deploymentNow } from "../deployment/now.ts";
import { wrap } from "../present/wrap.ts";
import { hereTable } from "../status/here.ts";
import type { SeenFleet } from "../status/seen.ts";
import { fleetDrift, fleetTable } from "../status/text.ts";

export const command: Command = {
  summary: "what runs where: live release, instances with their real directory, traffic, drift",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    await using context = await openContext(input, io, "read");
    const [status, deployment] = await Promise.all([readFleetStatus(context, io), deploymentNow(context)]);
    const { unended, holder, locked, settled } = deployment;
    const fleet = { ...status, spec: context.config.spec, settled };
    const { hosts, balancers } = status;
    const drift = fleetDrift(fleet);
    printFleet(io, context, fleet);
    for (const line of drift) io.print(`drift: ${wrap(line, io.columns, 7)}`);
    if (hosts.some((host) => host.isUnsupervised)) io.print(wrap(unsupervised, io.columns, 2));
    for (const line of deployment.lines) io.print(wrap(line, io.columns, 2));
    const [first] = hosts;
    io.result({
      app: context.app,
      host: context.where,
      current: liveOnMost(hosts),
      releases: first?.releases ?? [],
      services: first?.services ?? [],
      drift,
      unended,
      holder,
      locked,
      supervised: hosts.every((host) => host.services !== null),
      hosts,
      balancers,
    });
    return exits.done;
  },
};

function printFleet(io: Io, { app, where, config }: Context, fleet: SeenFleet): void {
  const [first] = fleet.hosts;
  const current = liveOnMost(fleet.hosts);
  const view = fleet.hosts.find((host) => host.current === current);
  const revision = view?.releases.find((release) => release.id === current)?.revision;
  io.print(wrap(`${app} on ${where}: ${liveText(current, revision)}`, io.columns, 2));
  if (config.servers.length > 0) io.print(fleetTable(fleet, io.columns));
  else if (first !== undefined && (first.services ?? []).length > 0) io.print(hereTable(first, io.columns));
}

function liveText(current: string | null, revision: string | undefined): string {
  if (current === null) return "nothing is live";
  return `release ${current} is live${revision === undefined ? "" : `, revision ${revision.slice(0, 12)}`}`;
}

const unsupervised =
  'No supervisor runs: instances serve on, but nobody looks after them. "cutover resurrect" starts it.';
