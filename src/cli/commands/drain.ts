import { parseDuration } from "../../config/units.ts";
import { usageProblem } from "../arguments.ts";
import type { Command, CommandInput } from "../command.ts";
import { atBalancers } from "../traffic/by-hand.ts";
import { drainDeadline, emptyServers, leftText } from "../traffic/empty.ts";
import { serverOf } from "../traffic/servers.ts";

export const command: Command = {
  summary: "take a server out of the traffic, and wait for what it has under way",
  usage: "HOST [--wait TIME] [--force]",
  positionals: 1,
  options: {
    wait: {
      type: "string",
      value: "TIME",
      about: "how long requests may take to finish (the longest drain)",
    },
    force: { type: "boolean", about: "although nobody is left to answer" },
  },
  async run(input, io) {
    const waitMs = waitOf(input);
    return await atBalancers(input, io, {
      choose: (context) => serverOf(input, context),
      async work(hand, host) {
        const mayStopAll = input.flags.force === true;
        const deadlineMs = waitMs ?? drainDeadline(hand);
        const emptied = await emptyServers(hand, new Set([host]), { mayStopAll, deadlineMs });
        io.print(`${host} takes no new requests. ${leftText(emptied)}`);
        io.print(`cutover restore ${host} gives it its traffic back.`);
        io.result({ host, ...emptied });
      },
    });
  },
};

function waitOf(input: CommandInput): number | undefined {
  const { wait } = input.flags;
  if (typeof wait !== "string") return undefined;
  const ms = parseDuration(wait);
  if (ms !== undefined) return ms;
  throw usageProblem(input.name, `"${wait}" is not a time with its unit, for example 30s or 5m.`);
}
