import { exits } from "../../problem.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { Command, Io } from "../command.ts";
import { chosenServices, homeOf } from "../services/connect.ts";
import { detailsOf } from "../services/details.ts";
import { labelOf } from "../services/label.ts";
import { logFilesIn } from "../services/log-lines.ts";
import { instanceColumns, instanceRow } from "../services/rows.ts";
import { renderDetails, renderTable } from "../present/table.ts";

export const command: Command = {
  summary: "everything about a service: command, directories, health, logs, instances",
  usage: "NAME|ID|all",
  options: {},
  async run(input, io) {
    const chosen = await chosenServices(input.positionals, input.name, io);
    for (const service of chosen?.services ?? []) tell(service, io);
    io.result({ services: chosen?.services.map(masked) ?? [] });
    return exits.done;
  },
};

function tell(service: ServiceStatus, io: Io): void {
  const { problem } = service;
  io.print(labelOf(service));
  io.print(renderDetails(detailsOf(service, logFilesIn(homeOf(io).logs, service.app, service.name))));
  if (service.instances.length > 0) {
    const rows = service.instances.map((instance) => instanceRow(instance, Date.now()));
    io.print(`\n${indented(renderTable(instanceColumns, rows))}`);
  }
  if (problem !== undefined) {
    const lines = [
      problem.what,
      problem.why,
      ...(problem.evidence ?? []).slice(-15).map((line) => `| ${line}`),
    ];
    io.print(`\n${indented(lines.filter((line) => line !== undefined).join("\n"))}`);
  }
  io.print("");
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function masked(service: ServiceStatus): ServiceStatus {
  const env = Object.fromEntries(Object.keys(service.spec.env).map((name) => [name, "***"]));
  return { ...service, spec: { ...service.spec, env } };
}
