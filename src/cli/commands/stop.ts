import type { Command } from "../command.ts";
import { endServices } from "../services/end-services.ts";

export const command: Command = {
  summary: "finish what is in flight and stop; the services stay in the list",
  usage: "NAME|ID|all ...",
  options: {},
  run: (input, io) => endServices(input, io, { done: "stopped", end: (client, key) => client.stop(key) }),
};
