import { exits } from "../../problem.ts";
import { homePaths } from "../../process/home.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import { observeReleases } from "../../release/observe.ts";
import { releasePath } from "../../release/place.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { describeDrift } from "../deployment/drift.ts";
import { deploymentNow } from "../deployment/now.ts";
import { runningServices } from "../deployment/look.ts";
import { shortDuration } from "../present/duration.ts";
import { renderTable } from "../present/table.ts";
import { savedServices } from "../services/saved.ts";

export const command: Command = {
  summary: "what runs where: live release, instances with their real directory, drift",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    const context = await openContext(input, io, "read");
    const { current, releases } = await observeReleases(context.place);
    const running = await runningServices(io);
    const services = (running ?? []).filter((service) => service.app === context.app);
    const isUnsupervised = running === null && savedServices(homePaths(io.env).state).length > 0;
    const directory = current === null ? null : releasePath(context.place, current);
    const seen = { spec: context.config.spec, current, directory, services };
    // Nobody knows what runs while there is no supervisor to ask.
    const drift = isUnsupervised ? [] : describeDrift(seen);
    const deployment = await deploymentNow(context);

    const { app, host } = context;
    const live = releases.find((release) => release.id === current);
    io.print(`${app} on ${host}: ${liveText(current, live?.revision)}`);
    if (services.length > 0) io.print(renderTable(columns, services.flatMap(rowsOf)));
    for (const line of drift) io.print(`drift: ${line}`);
    if (isUnsupervised) io.print(unsupervised);
    for (const line of deployment.lines) io.print(line);
    const { unended, holder, locked } = deployment;
    const supervised = running !== null;
    io.result({ app, host, current, releases, services, drift, unended, holder, locked, supervised });
    return exits.done;
  },
};

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
