import { copyFileSync, existsSync, readFileSync, renameSync } from "node:fs";
import { open, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { HomePaths } from "../home.ts";
import type { InstanceRecord, ServiceRecord } from "./life.ts";

export interface SavedState {
  readonly version: 1;
  readonly services: readonly {
    readonly record: ServiceRecord;
    readonly instances: readonly InstanceRecord[];
  }[];
}

/** Keeps the state on disk; calls that come together share one write. */
export class StateFile {
  readonly #paths: HomePaths;
  readonly #take: () => SavedState;
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  /** Why the latest write failed; null when it did not. */
  problem: string | null = null;

  constructor(paths: HomePaths, take: () => SavedState) {
    this.#paths = paths;
    this.#take = take;
  }

  /** Resolves when the state of this moment, or a later one, was written; see `problem`. */
  save(): Promise<void> {
    this.#next ??= this.#last.then(() => this.#write());
    return this.#next;
  }

  async #write(): Promise<void> {
    this.#last = this.#next ?? Promise.resolve();
    this.#next = null;
    try {
      const text = JSON.stringify(this.#take());
      await writeDurably(this.#paths.state, text);
      // A second copy, for the day the first one cannot be read while instances run.
      await writeFile(`${copyOf(this.#paths)}.part`, text, { mode: 0o600 });
      await rename(`${copyOf(this.#paths)}.part`, copyOf(this.#paths));
      this.problem = null;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

/** The saved state and, when it could not be read, what was done about that. */
export function loadState(paths: HomePaths): { readonly state: SavedState; readonly note: string | null } {
  const main = read(paths.state);
  if (main !== null) return { state: main, note: null };
  const copy = read(copyOf(paths));
  const state = copy ?? { version: 1, services: [] };
  if (!existsSync(paths.state)) return { state, note: null };
  const aside = `${paths.state}.unreadable-${new Date().toISOString().replaceAll(":", "")}`;
  renameSync(paths.state, aside);
  if (copy !== null) copyFileSync(copyOf(paths), paths.state);
  const source = copy === null ? "nothing is known of earlier services" : "its second copy was used";
  return { state, note: `${paths.state} could not be read: it was kept as ${aside}, and ${source}.` };
}

async function writeDurably(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  const handle = await open(part, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
  const directory = await open(dirname(file), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function copyOf(paths: HomePaths): string {
  return join(paths.run, "state.copy.json");
}

function read(file: string): SavedState | null {
  try {
    const state: SavedState = JSON.parse(readFileSync(file, "utf8"));
    return state.version === 1 && Array.isArray(state.services) ? state : null;
  } catch {
    return null;
  }
}
