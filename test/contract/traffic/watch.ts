import { freshClient, keptClient, type Client } from "./client.ts";

/** In place of the server's name. */
export const lost = "lost";

interface Seen {
  readonly app: string;
  readonly startAt: number;
  readonly endAt: number;
}

/** Two clients, one on a kept connection, ask without a pause. */
export function watchAnswers(url: string): { stop(): Promise<readonly Seen[]> } {
  const state = { isStopped: false };
  const seen: Seen[] = [];
  const work = async (client: Client): Promise<void> => {
    while (!state.isStopped) {
      const startAt = performance.now();
      const { app } = await client.get("/").catch(() => ({ app: lost }));
      seen.push({ app, startAt, endAt: performance.now() });
    }
    client.close();
  };
  const working = [work(keptClient(url)), work(freshClient(url))];
  return {
    async stop() {
      state.isStopped = true;
      await Promise.all(working);
      return seen;
    },
  };
}

interface Switch {
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
}

/** From the begin of a switch to the first answer of the one and the last answer of the other. */
export function switchTimes(seen: readonly Seen[], { from, to, startedAt }: Switch) {
  const times = (app: string): number[] =>
    seen.filter((one) => one.app === app && one.endAt > startedAt).map((one) => one.endAt - startedAt);
  return { firstMs: Math.min(...times(to)), lastMs: Math.max(0, ...times(from)) };
}
