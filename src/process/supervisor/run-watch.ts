import { watch, type FSWatcher } from "node:fs";

/** Tells when something changes in the run directory of an instance (sockets appear, the exit is recorded). */
export class RunWatch {
  /** Null where the system has no watch left to give: then only the clock wakes. */
  readonly #watcher: FSWatcher | null;
  readonly #waiting = new Set<() => void>();

  constructor(directory: string) {
    this.#watcher = open(directory, () => this.notify());
    this.#watcher?.on("error", () => this.notify());
  }

  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the next change, at the latest after `ms`. */
  next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(ms, 0));
      this.#waiting.add(wake);
    });
  }

  close(): void {
    this.#watcher?.close();
    this.notify();
  }
}

function open(directory: string, changed: () => void): FSWatcher | null {
  try {
    // Not persistent: a watcher alone must not keep a supervisor alive that was told to leave.
    return watch(directory, { persistent: false }, changed);
  } catch {
    return null;
  }
}
