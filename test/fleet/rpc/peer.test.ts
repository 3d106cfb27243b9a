import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Serve } from "../../../src/fleet/rpc/call.ts";
import { openPeer, type Peer } from "../../../src/fleet/rpc/peer.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import { Problem } from "../../../src/problem.ts";

interface Pair {
  readonly asking: Peer;
  readonly serving: Peer;
  /** What the asking side reads. */
  readonly toAsking: PassThrough;
  readonly toServing: PassThrough;
}

const quick = { everyMs: 30, silentMs: 120 };

function openPair(serve: Serve, longestLine?: number): Pair {
  const [toAsking, toServing] = [new PassThrough(), new PassThrough()];
  const lost = (ending: string): Problem => new Problem({ code: "CONNECTION_LOST", what: ending });
  return {
    toAsking,
    toServing,
    asking: openPeer({ input: toAsking, output: toServing, beat: quick, lost, longestLine }),
    serving: openPeer({ input: toServing, output: toAsking, beat: quick, lost, serve }),
  };
}

describe("a peer", () => {
  it("answers requests in any order", async () => {
    const gates = new Map<unknown, () => void>();
    const { asking } = openPair(async ({ params }) => {
      await new Promise<void>((resolve) => gates.set(params[0], resolve));
      return params[0];
    });
    const [first, second] = [asking.call("echo", ["first ü"]), asking.call("echo", ["second"])];
    await expect.poll(() => gates.size).toBe(2);
    gates.get("second")?.();
    expect(await second).toBe("second");
    gates.get("first ü")?.();
    expect(await first).toBe("first ü");
    asking.close();
  });

  it("carries a Problem with all of its detail, and a bug as a bug", async () => {
    const detail = { code: "DISK_FULL", what: "No room.", evidence: ["a", "b"], exit: 3 } as const;
    const { asking } = openPair(async ({ method }) => {
      throw method === "problem" ? new Problem(detail) : new TypeError("x is not a function");
    });
    const problem: unknown = await asking.call("problem", []).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ detail });
    const bug: unknown = await asking.call("bug", []).catch((error: unknown) => error);
    expect(bug).not.toBeInstanceOf(Problem);
    expect(bug).toMatchObject({ message: "x is not a function" });
    asking.close();
  });

  it("brings the events of a request before its answer, to whoever asked", async () => {
    const { asking } = openPair(async ({ params, emit }) => {
      emit({ event: "note", text: String(params[0]) });
      return null;
    });
    const heard: CutoverEvent[] = [];
    await Promise.all([
      asking.call("tell", ["mine"], { emit: (event) => heard.push(event) }),
      asking.call("tell", ["not mine"]),
    ]);
    expect(heard).toEqual([{ event: "note", text: "mine" }]);
    asking.close();
  });

  it("tells the other side that a request is no longer wanted", async () => {
    const { asking } = openPair(
      ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("given up"))),
    );
    const cancel = new AbortController();
    const answer = asking.call("wait", [], { signal: cancel.signal });
    cancel.abort();
    expect(await answer).toBe("given up");
    asking.close();
  });

  it("throws CONNECTION_LOST from calls under way and later ones when the other side is gone", async () => {
    const { asking, serving } = openPair(() => new Promise(() => undefined));
    const under = asking.call("wait", []).catch((error: unknown) => error);
    serving.close();
    expect(await under).toMatchObject({ detail: { code: "CONNECTION_LOST" } });
    await expect(asking.call("again", [])).rejects.toMatchObject({ detail: { code: "CONNECTION_LOST" } });
    expect(await asking.ended).toBe("closed");
  });

  it("gives a silent connection up, and aborts what it was doing for the other side", async () => {
    const reasons: unknown[] = [];
    const { serving, asking, toServing } = openPair(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error(String(reasons.push(signal.reason)))));
        }),
    );
    asking.call("wait", []).catch(() => undefined);
    await expect.poll(() => toServing.readableLength).toBe(0);
    // The link is cut: nothing arrives, nothing closes.
    toServing.write = () => true;
    expect(await serving.ended).toBe("silence");
    await expect.poll(() => reasons).toEqual(["the other side is gone"]);
    asking.close();
  });

  it("stays while the other side beats, however little there is to say", async () => {
    const { asking } = openPair(async () => "here");
    await new Promise((resolve) => setTimeout(resolve, 4 * quick.silentMs));
    expect(await asking.call("ask", [])).toBe("here");
    asking.close();
  });

  it.each([
    ["text that is no message", "Welcome to Debian\n", "broken"],
    ["a line that never ends", "x".repeat(2000), "broken"],
    ["an end in the middle of a line", '{"id":1', "broken"],
  ])("ends at %s", async (_, text, ending) => {
    const { asking, toAsking } = openPair(async () => null, 1000);
    toAsking.write(text);
    if (ending === "broken") toAsking.end();
    expect(await asking.ended).toBe(ending);
  });
});
