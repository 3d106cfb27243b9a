import type { Command } from "../command.ts";
import { steer } from "../deployment/steer.ts";

export const command: Command = {
  summary: "stop a deployment where it is; resume or abort goes on",
  usage: "",
  positionals: 0,
  options: {},
  run: (input, io) => steer(input, io, "pause"),
};
