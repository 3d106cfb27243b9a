import { exits } from "../../problem.ts";
import { ensureBootMain } from "../../process/package/current.ts";
import { applyStartup, refuseUnsupported } from "../../process/startup.ts";
import type { Command } from "../command.ts";
import { describePlan, planAtBoot } from "../services/at-boot.ts";
import { homeOf } from "../services/connect.ts";

export const command: Command = {
  summary: "start the supervisor and its services at boot: a systemd unit, or an @reboot line",
  usage: "[--yes]",
  options: {},
  // PM2 takes the name of the init system here; it is found out.
  positionals: 1,
  async run(_input, io) {
    const plan = planAtBoot(io);
    refuseUnsupported(plan);
    io.print(describePlan(plan));
    if (!(await io.confirm("Write this?"))) {
      io.print("Nothing was changed.");
      return exits.refused;
    }
    await ensureBootMain(homeOf(io));
    applyStartup(plan);
    io.print("Done. What runs now runs on; from the next boot on it is started by itself.");
    io.result({ kind: plan.kind });
    return exits.done;
  },
};
