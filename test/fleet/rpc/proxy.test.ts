import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { runAgent } from "../../../src/fleet/agent/agent.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { hostMethods } from "../../../src/fleet/rpc/methods.ts";
import { openPeer } from "../../../src/fleet/rpc/peer.ts";
import { proxyEnd } from "../../../src/fleet/rpc/proxy.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import { Problem } from "../../../src/problem.ts";

const about = { hostname: "h", user: "u", node: "v20", platform: "linux-x64", version: "0.1.0" };

interface Faked {
  readonly end: HostEnd;
  readonly calls: (readonly unknown[])[];
  readonly agent: Promise<void>;
  readonly hangUp: () => void;
}

/** A proxy in front of an agent in front of an end that records what it is asked. */
async function openFake(own: Partial<HostEnd> = {}): Promise<Faked> {
  const calls: (readonly unknown[])[] = [];
  const methods = Object.keys(hostMethods).map((method) => [
    method,
    async (...args: readonly unknown[]) => {
      calls.push([method, ...args]);
      return `${method} done`;
    },
  ]);
  const close = async (): Promise<void> => void calls.push(["close"]);
  const real = { name: "alpha", about, close, ...Object.fromEntries(methods), ...own } as unknown as HostEnd;
  const [up, down] = [new PassThrough(), new PassThrough()];
  const agent = runAgent({
    input: up,
    output: down,
    openers: { host: async () => real, balancer: () => Promise.reject(new Error("none")) },
  });
  const lost = (): Problem => new Problem({ code: "CONNECTION_LOST", what: "gone" });
  const peer = openPeer({ input: down, output: up, lost });
  await peer.call("open", [{ role: "host" }]);
  const hangUp = async (): Promise<void> => peer.close();
  const end = proxyEnd<HostEnd>(peer, hostMethods, { index: 0, name: "alpha", about, close: hangUp });
  return { end, calls, agent, hangUp: () => peer.close() };
}

describe("an end over a connection", () => {
  it("passes every method on with its arguments, and its answer back", async () => {
    const { end, calls, hangUp } = await openFake();
    for (const [method, kind] of Object.entries(hostMethods)) {
      const call = Reflect.get(end, method) as (...args: unknown[]) => Promise<unknown>;
      const args = [{ some: "thing" }, 7];
      expect(await call(...args, ...(kind === "live" ? [{ emit: () => undefined }] : []))).toBe(
        `${method} done`,
      );
      expect(calls.at(-1)?.slice(0, 3)).toEqual([method, ...args]);
    }
    hangUp();
  });

  it("brings the events of an effect, and its signal there", async () => {
    const events: CutoverEvent[] = [];
    const { end, hangUp } = await openFake({
      apply: (_, { emit, signal }) =>
        new Promise((resolve) => {
          emit({ event: "note", text: "building" });
          signal?.addEventListener("abort", () => resolve({ outcome: "done", notes: ["stopped"] }));
        }),
    });
    const stop = new AbortController();
    const emit = (event: CutoverEvent): void => {
      events.push(event);
      stop.abort();
    };
    const request = { effect: { layer: "release" }, epoch: 1, goal: {} } as never;
    expect(await end.apply(request, { emit, signal: stop.signal })).toEqual({
      outcome: "done",
      notes: ["stopped"],
    });
    expect(events).toEqual([{ event: "note", text: "building" }]);
    hangUp();
  });

  it("is closed by the agent when the operator is gone, and its steps are given up, but not a migration", async () => {
    const story: string[] = [];
    let finishMigration: () => void = () => undefined;
    const { end, agent, hangUp } = await openFake({
      apply: ({ effect }, { signal }) =>
        new Promise((resolve) => {
          story.push(`${effect.layer} began`);
          finishMigration = () => resolve({ outcome: "done" });
          signal?.addEventListener("abort", () => {
            story.push(`${effect.layer} given up`);
            resolve({ outcome: "unknown", why: "" });
          });
        }),
      close: async () => void story.push("closed"),
    });
    const live = { emit: () => undefined };
    const ask = (layer: string): Promise<unknown> =>
      end.apply({ effect: { layer }, epoch: 1, goal: {} } as never, live).catch(() => undefined);
    void ask("release");
    void ask("database");
    await expect.poll(() => story).toEqual(["release began", "database began"]);
    hangUp();
    await expect.poll(() => story.includes("closed")).toBe(true);
    expect(story).toContain("release given up");
    let isOver = false;
    void agent.then(() => (isOver = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isOver).toBe(false);
    finishMigration();
    await agent;
    expect(story).not.toContain("database given up");
  });
});
