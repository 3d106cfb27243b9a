import { usageProblem } from "../arguments.ts";
import type { Command } from "../command.ts";
import { atBalancers, type Hand } from "../traffic/by-hand.ts";
import { busyServers } from "../traffic/change.ts";
import { drainDeadline, emptyServers, leftText } from "../traffic/empty.ts";
import { fillServers } from "../traffic/fill.ts";

export const command: Command = {
  summary: "take the whole app out of the traffic, or put it back",
  usage: "on|off",
  positionals: 1,
  options: {},
  async run(input, io) {
    const [wanted] = input.positionals;
    if (wanted !== "on" && wanted !== "off") throw usageProblem("maintenance", "Say on or off.");
    return await atBalancers(input, io, {
      choose: () => null,
      async work(hand) {
        const { app, balancers } = hand.context;
        const names = balancers.map(({ name }) => name).join(", ");
        if (wanted === "on") {
          const options = { mayStopAll: true, deadlineMs: drainDeadline(hand) };
          const emptied = await emptyServers(hand, serversOf(hand), options);
          io.print(
            `No server of ${app} takes requests: ${names} answers them with 503 and its own page for that.`,
          );
          io.print(`${leftText(emptied)} cutover maintenance off ends it.`);
          io.result({ maintenance: true, ...emptied });
        } else {
          await fillServers(hand, usualServers(hand), { isAsked: true });
          io.print(`The servers of ${app} take requests again, each as before.`);
          io.result({ maintenance: false });
        }
      },
    });
  },
};

function serversOf({ context }: Hand): ReadonlySet<string> {
  return new Set(context.hosts.map(({ name }) => name));
}

function usualServers(hand: Hand): ReadonlySet<string> {
  const left = Object.values(hand.goal.routing).flatMap((routing) => [...busyServers(routing)]);
  return left.length === 0 ? serversOf(hand) : new Set(left);
}
