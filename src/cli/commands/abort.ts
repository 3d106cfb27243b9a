import type { Command } from "../command.ts";
import { steer } from "../deployment/steer.ts";

export const command: Command = {
  summary: "undo an interrupted or paused deployment",
  usage: "",
  positionals: 0,
  options: {},
  run: (input, io) => steer(input, io, "abort"),
};
