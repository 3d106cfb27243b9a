import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";

export const command: Command = {
  summary: "end the freeze of lock",
  usage: "",
  positionals: 0,
  options: {},
  async run(input, io) {
    await using context = await openContext(input, io, "write");
    const locks = await Promise.all(context.hosts.map((end) => end.unlockByHand()));
    const lock = locks.find((one) => one !== null) ?? null;
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
