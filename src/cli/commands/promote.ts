import type { Command } from "../command.ts";
import { steer } from "../deployment/steer.ts";

export const command: Command = {
  summary: "go on to the next step of a deployment without waiting for its time",
  usage: "",
  positionals: 0,
  options: {},
  run: (input, io) => steer(input, io, "promote"),
};
