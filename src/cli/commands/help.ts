import { exits } from "../../problem.ts";
import { unknownCommand } from "../arguments.ts";
import { aliases, commandNames, findCommand } from "../catalog.ts";
import type { Command } from "../command.ts";
import { commandHelp, overview } from "../help.ts";

export const command: Command = {
  summary: "explain a command",
  usage: "[COMMAND]",
  options: {},
  positionals: 1,
  async run(input, io) {
    const asked = input.positionals[0];
    if (asked === undefined) {
      io.print(await overview());
      return exits.done;
    }
    const name = aliases[asked]?.[0] ?? asked;
    const load = findCommand(name);
    if (load === undefined) {
      throw unknownCommand(asked, commandNames());
    }
    io.print(commandHelp(name, (await load()).command));
    return exits.done;
  },
};
