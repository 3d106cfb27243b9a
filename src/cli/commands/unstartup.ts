import { exits } from "../../problem.ts";
import { removeStartup } from "../../process/startup.ts";
import type { Command } from "../command.ts";
import { planAtBoot } from "../services/at-boot.ts";

export const command: Command = {
  summary: "no longer start at boot",
  usage: "",
  options: {},
  // PM2 takes the name of the init system here; it is found out.
  positionals: 1,
  run(_input, io) {
    const plan = planAtBoot(io);
    removeStartup(plan);
    io.print("Nothing is started at boot any more; what runs now runs on.");
    io.result({ kind: plan.kind });
    return Promise.resolve(exits.done);
  },
};
