import { parseCount } from "../../config/by-hand/values.ts";
import { exits } from "../../problem.ts";
import type { Command, CommandInput, Io } from "../command.ts";
import { findSupervisor, homeOf } from "../services/connect.ts";
import { isSet, textOf } from "../services/flags.ts";
import { followLogs } from "../services/log-follow.ts";
import { lastLines } from "../services/log-lines.ts";
import { logSources, logWriter } from "../services/log-sources.ts";
import { selectServices } from "../services/select.ts";

export const command: Command = {
  summary: "the last lines of the logs, and on a terminal what follows",
  usage: "[NAME|ID|all ...] [--lines N] [--nostream]",
  options: {
    lines: { type: "string", value: "N", about: "how many lines of each instance (default 15)" },
    follow: { type: "boolean", about: "go on with what is written (default on a terminal)" },
    nostream: { type: "boolean", about: "only what is there" },
    timestamp: { type: "boolean", about: "the time of each line that is written from now on" },
    raw: { type: "boolean", about: "lines as they are, without the name" },
    err: { type: "boolean", about: "accepted from PM2: one file holds both streams, in their order" },
    out: { type: "boolean", about: "accepted from PM2: one file holds both streams, in their order" },
  },
  async run(input, io) {
    const count = parseCount(textOf(input.flags, "lines") ?? "15");
    const client = await findSupervisor(io);
    const words = input.positionals.length > 0 ? input.positionals : ["all"];
    const services = selectServices(words, (await client?.services()) ?? []);
    const sources = (): ReturnType<typeof logSources> => logSources(services, homeOf(io).logs);
    const write = logWriter(sources, { json: input.global.json, raw: isSet(input.flags, "raw"), io });
    const shown = sources().map(({ file }) => {
      const { lines, end } = lastLines(file, count);
      for (const line of lines) write(file, line);
      return { file, from: end };
    });
    if (follows(input, io)) {
      const time = isSet(input.flags, "timestamp") || input.global.json;
      await followLogs(shown, (file, line) => write(file, line, time ? new Date() : undefined), {
        signal: AbortSignal.any([io.signal, io.closed]),
        more: () => sources().map(({ file }) => file),
      });
    }
    return exits.done;
  },
};

function follows({ flags }: CommandInput, io: Io): boolean {
  return !isSet(flags, "nostream") && (isSet(flags, "follow") || io.isTerminal);
}
