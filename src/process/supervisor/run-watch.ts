import { watch, type FSWatcher } from "node:fs";

/** Tells when something changes in the run directory of an instance (sockets appear, the exit is recorded). */
export class RunWatch {
  readonly #watcher: FSWatcher;
  readonly #waiting = new Set<() => void>();

  constructor(directory: string) {
    // Not persistent: a watcher alone must not keep a supervisor alive that was told to leave.
    this.#watcher = watch(directory, { persistent: false }, () => this.notify());
    this.#watcher.on("error", () => this.notify());
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
    this.#watcher.close();
    this.notify();
  }
}
