import type { Command } from "../command.ts";
import { continueDeployment } from "../deployment/continue.ts";

export const command: Command = {
  summary: "undo an interrupted or paused deployment",
  usage: "",
  positionals: 0,
  options: {},
  run: (input, io) => continueDeployment(input, io, "abort"),
};
