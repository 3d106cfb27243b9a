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
    const lock = await unlockByHand(context.place.home);
    if (lock === null) io.print("There was no lock.");
    else
      io.print(
        `The lock of ${lock.operator} is gone (${lock.message || "no reason given"}). ` +
          `Deployments of ${context.app} are possible again.`,
      );
    io.result({ wasLocked: lock !== null, lock });
    return exits.done;
  },
};
