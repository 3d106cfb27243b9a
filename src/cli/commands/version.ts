import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { cutoverVersion } from "../version.ts";

export const command: Command = {
  summary: "print the version",
  usage: "",
  options: {},
  positionals: 0,
  async run(_input, io) {
    const version = cutoverVersion();
    io.print(version);
    io.result({ version, node: process.versions.node });
    return exits.done;
  },
};
