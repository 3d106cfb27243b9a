import { unlockByHand } from "../../fleet/deploy-lock.ts";
import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";

export const command: Command = {
  summary: "end the freeze of lock",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    const context = await openContext(input, io, "write");
    const wasLocked = await unlockByHand(context.place.home);
    io.print(wasLocked ? `Deployments of ${context.app} are possible again.` : "There was no lock.");
    io.result({ wasLocked });
    return exits.done;
  },
};
