import { findUnended, newestDamage, readHistory } from "../../execute/history.ts";
import { readHandLock, readHolder } from "../../fleet/deploy-lock.ts";
import { exits } from "../../problem.ts";
import { homePaths } from "../../process/home.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import { observeReleases } from "../../release/observe.ts";
import { releasePath } from "../../release/place.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { describeDrift } from "../deployment/drift.ts";
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
    const history = await readHistory(context.journals);
    const unended = findUnended(history);
    const damage = await newestDamage(context.journals, history);
    const holder = await readHolder(context.place.home);
    const isUnsupervised = running === null && savedServices(homePaths(io.env).state).length > 0;
    const locked = await readHandLock(context.place.home);
    const live = releases.find((release) => release.id === current);
    const directory = current === null ? null : releasePath(context.place, current);
    const drift = isUnsupervised
      ? []
      : describeDrift({ spec: context.config.spec, current, directory, services });

    const revision = live?.revision === undefined ? "" : `, revision ${live.revision.slice(0, 12)}`;
    io.print(
      `${context.app} on ${context.host}: ${current === null ? "nothing is live" : `release ${current} is live${revision}`}`,
    );
    if (services.length > 0) io.print(renderTable(columns, services.flatMap(rowsOf)));
    for (const line of drift) io.print(`drift: ${line}`);
    if (isUnsupervised) io.print(unsupervised);
    if (damage !== null) io.print(`${damage.what} ${damage.fix ?? ""}`);
    if (holder !== null) io.print(`${holder.operator} (pid ${holder.pid}) is at it: ${holder.doing}.`);
    else if (unended !== null)
      io.print(
        `Deployment ${unended.id} of release ${unended.release} is unfinished: cutover resume, or cutover abort.`,
      );
    if (locked !== null) io.print(`Locked by ${locked.operator}: ${locked.message || "no reason given"}.`);
    io.result({
      app: context.app,
      host: context.host,
      current,
      releases,
      services,
      drift,
      unended,
      holder,
      locked,
      supervised: running !== null,
    });
    return exits.done;
  },
};

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
