import { describe, expect, it } from "vitest";
import { raiseEverywhere } from "../../src/fleet/barrier.ts";
import { Problem } from "../../src/problem.ts";

/** Ends that note in which order they are asked; `fail`: the calls at which one breaks. */
function makeEnds(epochs: Readonly<Record<string, number>>, fail: (call: string) => Problem | null) {
  const calls: string[] = [];
  const accepted = new Map(Object.entries(epochs));
  const note = async (call: string): Promise<void> => {
    calls.push(call);
    await Promise.resolve();
    const problem = fail(call);
    if (problem !== null) throw problem;
  };
  const endOf = (name: string) => ({
    name,
    async epoch() {
      await note(`read ${name}`);
      return accepted.get(name) ?? 0;
    },
    async raise(epoch: number) {
      await note(`raise ${name} ${epoch}`);
      const present = accepted.get(name) ?? 0;
      if (epoch <= present) return { accepted: false, epoch: present };
      accepted.set(name, epoch);
      return { accepted: true, epoch };
    },
  });
  const names = Object.keys(epochs);
  const [balancers, hosts] = [names.filter(isBalancer), names.filter((name) => !isBalancer(name))];
  return { calls, accepted, targets: { hosts: hosts.map(endOf), balancers: balancers.map(endOf) } };
}

const isBalancer = (name: string): boolean => name.startsWith("lb");
const never = (): null => null;
const lost = (name: string): Problem =>
  new Problem({ code: "CONNECTION_LOST", what: `The connection to ${name} was lost.` });

describe("the barrier", () => {
  it("reads every epoch, then raises all balancers, then all hosts, above the highest", async () => {
    const { calls, targets } = makeEnds({ web1: 4, web2: 9, lb1: 2, lb2: 2 }, never);
    expect(await raiseEverywhere(targets, "ada")).toBe(10);
    expect(calls.slice(0, 4).toSorted()).toEqual(["read lb1", "read lb2", "read web1", "read web2"]);
    expect(calls.slice(4, 6)).toEqual(["raise lb1 10", "raise lb2 10"]);
    expect(calls.slice(6)).toEqual(["raise web1 10", "raise web2 10"]);
  });

  it("raises nothing anywhere when one of them cannot be asked", async () => {
    const { calls, targets } = makeEnds({ web1: 4, web2: 9, lb1: 2 }, (call) =>
      call === "read web2" ? lost("web2") : null,
    );
    await expect(raiseEverywhere(targets, "ada")).rejects.toMatchObject({
      detail: { code: "HOST_UNREACHABLE", exit: 3, what: expect.stringContaining("web2") },
    });
    expect(calls.filter((call) => call.startsWith("raise"))).toEqual([]);
  });

  it("touches no host when a balancer is lost while it is raised", async () => {
    const { calls, targets } = makeEnds({ web1: 4, lb1: 2 }, (call) =>
      call.startsWith("raise lb1") ? lost("lb1") : null,
    );
    await expect(raiseEverywhere(targets, "ada")).rejects.toMatchObject({
      detail: { code: "HOST_UNREACHABLE", exit: 3 },
    });
    expect(calls).not.toContain("raise web1 5");
  });

  it("comes back above somebody who was faster, and gives way to one who goes on being faster", async () => {
    const once = makeEnds({ web1: 4, lb1: 4 }, (call) => {
      if (call === "raise lb1 5") once.accepted.set("web1", 7);
      return null;
    });
    expect(await raiseEverywhere(once.targets, "ada")).toBe(8);
    const always = makeEnds({ web1: 4, lb1: 4 }, (call) => {
      if (call.startsWith("raise lb1")) always.accepted.set("web1", Number(call.split(" ")[2]) + 1);
      return null;
    });
    await expect(raiseEverywhere(always.targets, "ada")).rejects.toMatchObject({
      detail: { code: "LOCK_STALE", exit: 6 },
    });
  });
});
