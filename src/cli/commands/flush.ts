import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { findSupervisor, homeOf } from "../services/connect.ts";
import { labelOf } from "../services/label.ts";
import { logFilesIn, emptyLog } from "../services/log-lines.ts";
import { counted } from "../services/outcome.ts";
import { selectServices } from "../services/select.ts";

export const command: Command = {
  summary: "empty the logs, archives included",
  usage: "[NAME|ID|all ...]",
  options: {},
  async run(input, io) {
    const client = await findSupervisor(io);
    const words = input.positionals.length > 0 ? input.positionals : ["all"];
    const { logs } = homeOf(io);
    for (const service of selectServices(words, (await client?.services()) ?? [])) {
      const files = logFilesIn(logs, service.app, service.name);
      files.forEach(emptyLog);
      io.print(`${labelOf(service)}: ${counted(files.length, "log")} emptied`);
    }
    return exits.done;
  },
};
