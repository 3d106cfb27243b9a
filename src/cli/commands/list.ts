import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { homeOf, runningSupervisor } from "../services/connect.ts";
import { listColumns, listRow } from "../services/rows.ts";
import { savedServices } from "../services/saved.ts";
import { renderTable } from "../present/table.ts";

export const command: Command = {
  summary: "the services of this user on this machine",
  usage: "[--json]",
  options: {},
  positionals: 0,
  async run(_input, io) {
    // Looking must not start anything.
    const client = await runningSupervisor(io);
    const services = client === null ? savedServices(homeOf(io).state) : await client.services();
    io.result({ services, supervised: client !== null });
    // Nothing but the table: scripts grep it for names.
    if (services.length > 0) {
      const now = Date.now();
      io.print(
        renderTable(
          listColumns,
          services.map((service) => listRow(service, now)),
        ),
      );
    } else if (io.isTerminal) {
      io.print(
        "No services yet. Start one: cutover start SCRIPT, or cutover start npm --name NAME -- run start",
      );
    }
    if (client === null && services.length > 0 && io.isTerminal) {
      io.print(
        '\nNo supervisor runs: instances serve on, but nobody looks after them. "cutover resurrect" starts it.',
      );
    }
    return exits.done;
  },
};
