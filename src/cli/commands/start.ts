import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { apply, isRunning, refuseRunning } from "../services/apply.ts";
import { findSupervisor, openSupervisor } from "../services/connect.ts";
import { isSet } from "../services/flags.ts";
import { startFlags } from "../services/start-flags.ts";
import { wantedOf } from "../services/wanted.ts";

export const command: Command = {
  summary: "start a script, a command, an ecosystem file or a stopped service",
  usage: "SCRIPT|COMMAND|ecosystem.config.js|NAME|ID|all [flags] [-- arguments of the script]",
  options: startFlags,
  async run(input, io) {
    const known = await findSupervisor(io);
    const services = (await known?.services({ secrets: true })) ?? [];
    const wanted = await wantedOf(input, io, services);
    const isAll = input.positionals.includes("all");
    if (!isSet(input.flags, "force") && !isAll) refuseRunning(wanted);
    const chosen = isAll ? wanted.filter((one) => !isRunning(one)) : wanted;
    if (chosen.length === 0) io.print("Everything runs already.");
    else await apply(chosen, known ?? (await openSupervisor(io)), io);
    return exits.done;
  },
};
