import type { ServiceStatus } from "../../process/protocol.ts";
import type { Io } from "../command.ts";
import { printable } from "../present/problem.ts";
import { keyOf, labelOf } from "./label.ts";
import { logFilesIn } from "./log-lines.ts";

export interface LogSource {
  readonly file: string;
  readonly service: string;
  /** Number of the instance. */
  readonly slot: number;
  /** "api 0" */
  readonly label: string;
}

/** Log files of services, those of instances that have ended included. */
export function logSources(services: readonly ServiceStatus[], logs: string): readonly LogSource[] {
  return services.flatMap((service) =>
    logFilesIn(logs, service.app, service.name).map((file) => {
      const slot = Number(/-(\d+)\.log$/.exec(file)?.[1]);
      return { file, service: keyOf(service), slot, label: `${labelOf(service)} ${String(slot)}` };
    }),
  );
}

/** Colours of the program stay; nothing else may move the cursor or change the terminal. */
export function coloured(line: string): string {
  const parts = line.split(/(\p{Cc}\[[\d;]*m)/u);
  if (parts.length === 1) return printable(line);
  return `${parts.map((part, index) => (index % 2 === 1 ? `\u001B${part.slice(1)}` : printable(part))).join("")}\u001B[0m`;
}

export interface LogWriterOptions {
  readonly json: boolean;
  readonly raw: boolean;
  readonly io: Io;
}

/** Prints a line with the name of its instance before it. */
export function logWriter(
  sources: () => readonly LogSource[],
  { json, raw, io }: LogWriterOptions,
): (file: string, line: string, at?: Date) => void {
  const known = new Map<string, LogSource>();
  return (file, line, at) => {
    if (!known.has(file)) for (const source of sources()) known.set(source.file, source);
    const source = known.get(file);
    if (source === undefined) return;
    if (json) {
      io.emit({ event: "output", host: "localhost", source: source.label, line });
      return;
    }
    const width = Math.max(...[...known.values()].map(({ label }) => label.length));
    const time = at === undefined ? "" : `${at.toISOString()} `;
    const text = io.isTerminal ? coloured(line) : line;
    io.print(raw ? text : `${source.label.padEnd(width)} | ${time}${text}`);
  };
}
