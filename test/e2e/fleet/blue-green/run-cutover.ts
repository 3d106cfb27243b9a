import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Market } from "./market.ts";
import type { Teller } from "./teller.ts";

/** A command of cutover whose lines are told as they come. */
export interface Running {
  isOver(): boolean;
  /** Everything that it printed until now. */
  said(): string;
  ended(): Promise<Ended>;
}

export interface Ended {
  readonly exit: number;
  readonly said: string;
  readonly seconds: number;
}

export function startCutover(market: Market, words: readonly string[], teller: Teller): Running {
  const startedAt = performance.now();
  const child = market.cutover(words);
  const lines: string[] = [];
  const closed = once(child, "close");
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null)
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (isWorthTelling(line)) teller.cutover(line);
      });
  return {
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    said: () => lines.join("\n"),
    async ended() {
      await closed;
      const seconds = (performance.now() - startedAt) / 1000;
      return { exit: child.exitCode ?? 128, said: lines.join("\n"), seconds };
    },
  };
}

/** Every step tells its end too. */
function isWorthTelling(line: string): boolean {
  return !line.startsWith("begin  ");
}
