import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { shortDuration } from "../present/duration.ts";
import { openSupervisor } from "../services/connect.ts";
import { bytesText } from "../services/words.ts";

export const command: Command = {
  summary: "ask the supervisor whether it is there; it is started when it is not",
  usage: "",
  options: {},
  positionals: 0,
  async run(_input, io) {
    const client = await openSupervisor(io);
    const ping = await client.ping();
    const age = shortDuration(Date.now() - ping.startedAt);
    io.print(
      `pong: supervisor ${ping.version}, pid ${String(ping.pid)}, up ${age}, ${bytesText(ping.rssBytes)}, ${String(ping.descriptors)} descriptors`,
    );
    io.result({ ping });
    return exits.done;
  },
};
