import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";

export const command: Command = {
  summary: "freeze deployments by hand",
  usage: "[-m WHY]",
  positionals: 0,
  options: {
    message: { type: "string", short: "m", value: "WHY", about: "told to whoever tries to deploy" },
  },
  async run(input, io) {
    await using context = await openContext(input, io, "write");
    const message = typeof input.flags.message === "string" ? input.flags.message : "";
    const mine = { operator: context.operator, since: Date.now(), message };
    const locks = await Promise.all(context.hosts.map((end) => end.lockByHand(mine)));
    const lock = locks.find((one) => one.since !== mine.since) ?? mine;
    const isMine = lock === mine;
    io.print(
      isMine
        ? `Deployments of ${context.app} are locked. cutover unlock frees them.`
        : `Already locked by ${lock.operator}: ${lock.message || "no reason given"}.`,
    );
    io.result({ lock });
    return isMine ? exits.done : exits.refused;
  },
};
