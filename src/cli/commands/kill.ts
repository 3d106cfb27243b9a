import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { homeOf, runningSupervisor } from "../services/connect.ts";
import { keyOf } from "../services/label.ts";
import { endSupervisor, rememberKilled } from "../services/leave.ts";
import { counted } from "../services/outcome.ts";

export const command: Command = {
  summary: "end the supervisor and every instance",
  usage: "[--yes]",
  options: {},
  positionals: 0,
  async run(_input, io) {
    const client = await runningSupervisor(io);
    if (client === null) {
      io.print("No supervisor runs.");
      return exits.done;
    }
    const running = (await client.services()).filter(({ state }) => state !== "stopped");
    if (running.length > 0) {
      const names = counted(running.length, "service");
      if (
        !(await io.confirm(`This ends ${names}; requests then fail until they are started again. Go on?`))
      ) {
        io.print("Nothing was ended.");
        return exits.refused;
      }
    }
    rememberKilled(homeOf(io), running.map(keyOf));
    await endSupervisor(client, "stop");
    io.print(
      running.length === 0
        ? "The supervisor has ended."
        : `The supervisor and ${counted(running.length, "service")} have ended. "cutover resurrect" starts them again.`,
    );
    return exits.done;
  },
};
