import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { reloadWanted } from "../services/reload-wanted.ts";
import { fileFlags } from "../services/start-flags.ts";

export const command: Command = {
  summary: "replace the instances of services without losing a request",
  usage: "NAME|ID|all|ecosystem.config.js [--update-env]",
  options: fileFlags,
  async run(input, io) {
    await reloadWanted(input, io);
    return exits.done;
  },
};
