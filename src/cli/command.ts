import type { CutoverEvent } from "../plan/event.ts";
import type { Exit } from "../problem.ts";

/** One command: flags plus one call. A file each in commands/, one line each in the table of main.ts. */
export interface Command {
  readonly summary: string;
  /** After "cutover <name> ", for example "[REF] [--dry-run]". */
  readonly usage: string;
  readonly options: Readonly<Record<string, Flag>>;
  /** Whole sentences below the flags of its help. */
  readonly notes?: readonly string[] | undefined;
  /** Most positionals it takes; one more is an error before anything runs. Absent: any number. */
  readonly positionals?: number | undefined;
  /** It speaks with another program over stdout by itself. */
  readonly isForPrograms?: boolean | undefined;
  /** Everything after "--" arrives in `rest`. */
  run(input: CommandInput, io: Io): Promise<Exit>;
}

/** A flag as node:util parseArgs wants it, with its line for `cutover help <command>`. */
export interface Flag {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  default?: string | boolean | string[] | boolean[];
  /** What it does, a few words. */
  about?: string;
  /** Name of its value in the help, for example "N". */
  value?: string;
}

export interface CommandInput {
  readonly name: string;
  readonly positionals: readonly string[];
  readonly rest: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly global: GlobalFlags;
}

export interface GlobalFlags {
  readonly config: string | undefined;
  readonly stage: string | undefined;
  readonly json: boolean;
  readonly yes: boolean;
  readonly verbose: boolean;
}

/** The only way out: commands never touch process.stdout themselves. Every sink redacts the values given to `secret`. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Plain text for a person; with --json not printed. */
  print(text: string): void;
  /** Typed event: to the presenter, or as one NDJSON object with --json. */
  emit(event: CutoverEvent): void;
  /** The data of the result: the last NDJSON object with --json carries it beside ok and exit. */
  result(data: Readonly<Record<string, unknown>>): void;
  secret(value: string): void;
  /** The text without the values given to `secret`, for what leaves by another way: a journal, a notification. */
  redact(text: string): string;
  confirm(question: string): Promise<boolean>;
  readonly isTerminal: boolean;
  /** Width that a line may have: of the terminal, 80 where there is none. */
  readonly columns: number;
  /**
   * Aborts at the first SIGINT or SIGTERM. Reading it makes the command answer for signals itself; a command that never reads
   * it ends by the signal, as any program.
   */
  readonly signal: AbortSignal;
  /** Aborts at the second one: stop where things are, after the step under way. */
  readonly again: AbortSignal;
  /** Aborts when nobody reads the output any more (`logs | head -1`); what only shows things ends then. */
  readonly closed: AbortSignal;
}
