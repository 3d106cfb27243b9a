import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "accepted from PM2: the state is always saved",
  usage: "",
  options: { force: { type: "boolean", short: "f", about: "accepted from PM2" } },
  positionals: 0,
  async run(_input, io) {
    io.print('The state is saved at every change; nothing to do. "cutover startup" brings it back at boot.');
    return exits.done;
  },
};
