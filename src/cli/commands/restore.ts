import type { Command } from "../command.ts";
import { atBalancers } from "../traffic/by-hand.ts";
import { fillServers } from "../traffic/fill.ts";
import { serverOf } from "../traffic/servers.ts";

export const command: Command = {
  summary: "give a drained server its traffic back, once it answers well",
  usage: "HOST [--force]",
  positionals: 1,
  options: { force: { type: "boolean", about: "without asking it first" } },
  async run(input, io) {
    return await atBalancers(input, io, {
      choose: (context) => serverOf(input, context),
      async work(hand, host) {
        await fillServers(hand, new Set([host]), { isAsked: input.flags.force !== true });
        io.print(`${host} takes requests again.`);
        io.result({ host });
      },
    });
  },
};
