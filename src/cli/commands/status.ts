import { exits } from "../../problem.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { Command, Io } from "../command.ts";
import { type Context, openContext } from "../deployment/context.ts";
import { describeDrift } from "../deployment/drift.ts";
import { type HostStatus, readFleetStatus } from "../deployment/fleet-status.ts";
import { liveOnMost } from "../deployment/goal.ts";
import { deploymentNow } from "../deployment/now.ts";
import { shortDuration } from "../present/duration.ts";
import { renderTable } from "../present/table.ts";

export const command: Command = {
  summary: "what runs where: live release, instances with their real directory, drift",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    await using context = await openContext(input, io, "read");
    const [{ hosts, balancers }, deployment] = await Promise.all([
      readFleetStatus(context, io),
      deploymentNow(context),
    ]);
    const drift = hosts.flatMap((host) => driftOf(context, host, hosts.length === 1));
    for (const host of hosts) printHost(io, context, host);
    for (const line of drift) io.print(`drift: ${line}`);
    if (hosts.some((host) => host.isUnsupervised)) io.print(unsupervised);
    for (const line of deployment.lines) io.print(line);
    const { unended, holder, locked } = deployment;
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

/** Nobody knows what runs while there is no supervisor to ask. */
function driftOf(context: Context, host: HostStatus, isOnly: boolean): readonly string[] {
  if (!host.reachable || host.isUnsupervised) return [];
  const { current, directory } = host;
  const seen = { spec: context.config.spec, current, directory, services: host.services ?? [] };
  return describeDrift(seen).map((line) => (isOnly ? line : `${host.host}: ${line}`));
}

function printHost(io: Io, { app }: Context, host: HostStatus): void {
  if (!host.reachable) return io.print(`${app} on ${host.host}: cannot be reached. ${host.why ?? ""}`);
  const live = host.releases.find((release) => release.id === host.current);
  io.print(`${app} on ${host.host}: ${liveText(host.current, live?.revision)}`);
  const services = host.services ?? [];
  if (services.length > 0) io.print(renderTable(columns, services.flatMap(rowsOf)));
}

function liveText(current: string | null, revision: string | undefined): string {
  if (current === null) return "nothing is live";
  return `release ${current} is live${revision === undefined ? "" : `, revision ${revision.slice(0, 12)}`}`;
}

const unsupervised =
  'No supervisor runs: instances serve on, but nobody looks after them. "cutover resurrect" starts it.';

const columns = ["service", "instance", "release", "state", "up", "restarts", "pid", "directory"];

function rowsOf(service: ServiceStatus): readonly (readonly string[])[] {
  if (service.instances.length === 0)
    return [[service.name, "-", service.live ?? "-", service.state, "-", "-", "-", "-"]];
  return service.instances.map((instance) => [
    service.name,
    String(instance.slot),
    instance.release,
    instance.state,
    shortDuration(Date.now() - instance.startedAt),
    String(instance.restarts),
    String(instance.pid ?? "-"),
    instance.cwd ?? "-",
  ]);
}
