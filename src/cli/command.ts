import type { ParseArgsConfig } from "node:util";
import type { CutoverEvent } from "../plan/event.ts";
import type { Exit } from "../problem.ts";

/** One command: flags plus one call. A file each in commands/, one line each in the table of main.ts. */
export interface Command {
  readonly summary: string;
  /** After "cutover <name> ", for example "[REF] [--dry-run]". */
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Everything after "--" arrives in `rest`. */
  run(input: CommandInput, io: Io): Promise<Exit>;
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
  confirm(question: string): Promise<boolean>;
  readonly isTerminal: boolean;
  readonly signal: AbortSignal;
}
