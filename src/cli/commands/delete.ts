import type { Command } from "../command.ts";
import { endServices } from "../services/end-services.ts";

export const command: Command = {
  summary: "stop services and forget them; their logs stay",
  usage: "NAME|ID|all ...",
  options: {},
  run: (input, io) => endServices(input, io, { done: "deleted", end: (client, key) => client.remove(key) }),
};
