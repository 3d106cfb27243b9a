import { describe, expect, it } from "vitest";
import { isProblem } from "../../src/problem.ts";
import type { Goal } from "../../src/plan/record.ts";
import { refuseRollout, rolloutFor, rolloutOf } from "../../src/plan/rollout.ts";
import type { RolloutSpec } from "../../src/plan/spec.ts";
import type { Routing } from "../../src/plan/traffic.ts";
import { makeFleet } from "../simulation/fleets.ts";

const names = ["web1", "web2", "web3", "web4"];
const halves = { blue: ["web1", "web2"], green: ["web3", "web4"] };
const idleGreen = { web1: 100, web2: 100, web3: 0, web4: 0 };

function goalOf(rollout: Partial<RolloutSpec>, change: Partial<Goal> = {}): Goal {
  return { ...makeFleet("fleet", { hosts: names, balancers: ["lb1"], rollout }).goal, ...change };
}

function withWeights(web: Readonly<Record<string, number>>): Pick<Goal, "routing"> {
  return { routing: { lb1: { weights: { web } } } };
}

function stagesOf(goal: Goal): readonly string[] {
  return rolloutOf(goal).stages.map(({ says }) => says);
}

function refusalOf(goal: Goal): string | null {
  try {
    refuseRollout(goal);
    return null;
  } catch (error) {
    if (!isProblem(error) || error.detail.exit !== 2) throw error;
    return `${error.detail.code}: ${error.detail.what}`;
  }
}

const match = { header: "User-Agent", regex: "Mobile" };

describe("the stages of a rollout", () => {
  it("rolls in batches of a count, or of a share of all hosts", () => {
    expect(stagesOf(goalOf({ batch: { count: 3 } }))).toEqual([
      "the release on web1, web2, web3",
      "the release on web4",
    ]);
    expect(stagesOf(goalOf({ batch: { share: 0.5 } }))).toHaveLength(2);
    expect(stagesOf(goalOf({ batch: { share: 0.01 } }))).toHaveLength(4);
  });
  it("does not try out on a few again what was live before", () => {
    const canary = { match, steps: [0.25, 1], holdMs: 60_000 };
    const { rollout } = goalOf({ strategy: "canary", canary });
    const back = goalOf(rolloutFor("rollback", rollout));
    expect(stagesOf(goalOf(rolloutFor("deploy", rollout))).join()).toContain("matches Mobile");
    expect(stagesOf(back).join()).not.toMatch(/matches|%/);
    expect(rolloutOf(back).stages.every(({ holdMs }) => holdMs === 0)).toBe(true);
  });
  it("finds the idle half at the balancer and shows the cohort first", () => {
    const canary = { match, steps: [1], holdMs: 60_000 };
    const goal = goalOf({ strategy: "blue-green", canary }, { halves, ...withWeights(idleGreen) });
    expect(stagesOf(goal)).toEqual([
      "the release on green (web3, web4)",
      "requests whose User-Agent matches Mobile to green (web3, web4)",
      "everything to green (web3, web4)",
      "the release on blue (web1, web2)",
      "everything as it was",
    ]);
    expect(rolloutOf(goal)).toMatchObject({ verdict: 2, stages: { 1: { holdMs: 60_000 } } });
    expect(stagesOf({ ...goal, ...withWeights({ web1: 0, web2: 0, web3: 9, web4: 9 }) })[0]).toBe(
      "the release on blue (web1, web2)",
    );
  });
  it("gives the idle half growing shares between the cohort and everybody, each watched", () => {
    const canary = { match, steps: [0.05, 0.25, 1], holdMs: 60_000 };
    const goal = goalOf({ strategy: "blue-green", canary }, { halves, ...withWeights(idleGreen) });
    const { stages, verdict } = rolloutOf(goal);
    expect(stages.map(({ says }) => says)).toEqual([
      "the release on green (web3, web4)",
      "requests whose User-Agent matches Mobile to green (web3, web4)",
      "5 % of web to green (web3, web4)",
      "25 % of web to green (web3, web4)",
      "everything to green (web3, web4)",
      "the release on blue (web1, web2)",
      "everything as it was",
    ]);
    expect(stages[3]).toMatchObject({
      holdMs: 60_000,
      routing: {
        lb1: {
          weights: { web: { web1: 3, web2: 3, web3: 1, web4: 1 } },
          cohort: { match, servers: ["web3", "web4"] },
        },
      },
    });
    expect(stages[verdict]?.routing).toEqual(withWeights({ web1: 0, web2: 0, web3: 100, web4: 100 }).routing);
  });
  it("empties the half named last when both take traffic", () => {
    expect(stagesOf(goalOf({ strategy: "blue-green" }, { halves }))).toEqual([
      "no new requests to green (web3, web4)",
      "the release on green (web3, web4)",
      "everything to green (web3, web4)",
      "the release on blue (web1, web2)",
      "everything as it was",
    ]);
  });
  it("shows a first release to everybody at once, as nothing else serves", () => {
    const canary = { match, steps: [0.05, 1], holdMs: 60_000 };
    for (const strategy of ["blue-green", "canary"] as const) {
      const goal = goalOf({ strategy, canary, keepWarmMs: 60_000 }, { halves, previous: null });
      const { stages } = rolloutOf(goal);
      expect(stages.map(({ says }) => says).join(), strategy).not.toMatch(/Mobile|%/);
      expect(stages.filter(({ holdMs }) => holdMs > 0)).toEqual([]);
    }
  });
  it("takes as many canaries as the largest share needs, and ends as the balancer began", () => {
    const canary = { match, steps: [0.05, 0.3, 1], holdMs: 60_000 };
    const goal = goalOf({ strategy: "canary", canary, batch: { share: 1 } });
    expect(stagesOf(goal)).toEqual([
      "no new requests to canary web1, web2",
      "the release on canary web1, web2",
      "requests whose User-Agent matches Mobile to canary web1, web2",
      "5 % of web to canary web1, web2",
      "30 % of web to canary web1, web2",
      "the release on web3, web4",
      "everything as it was",
    ]);
    expect(rolloutOf(goal).stages.at(-1)?.routing).toEqual(goal.routing);
  });
  it("replaces in place what only catches up, whatever the strategy", () => {
    const goal = goalOf(
      { strategy: "blue-green", batch: { share: 1 } },
      { kind: "converge", hosts: ["web2"] },
    );
    expect(stagesOf(goal)).toEqual(["the release on web2"]);
  });
});

describe("a rollout that cannot be done is refused, exit 2", () => {
  const one: Routing = { weights: { web: { web1: 100 } } };
  const cases: readonly (readonly [string, Goal, string | null])[] = [
    [
      "many hosts without a balancer",
      goalOf({ strategy: "canary" }, { balancers: [], routing: {} }),
      "ROLLOUT_NO_BALANCER",
    ],
    [
      "halves without a balancer",
      goalOf({ strategy: "blue-green" }, { halves, balancers: [], routing: {} }),
      "ROLLOUT_NO_BALANCER",
    ],
    ["no halves", goalOf({ strategy: "blue-green" }), "ROLLOUT_HALVES"],
    [
      "a server in no half",
      goalOf({ strategy: "blue-green" }, { halves: { ...halves, green: ["web3"] } }),
      "web4 is in",
    ],
    [
      "a half that the balancer does not know",
      goalOf({ strategy: "blue-green" }, { halves, routing: { lb1: one } }),
      "ROLLOUT_UNKNOWN_SERVERS",
    ],
    [
      "a half too small for the traffic",
      goalOf({ strategy: "blue-green" }, { halves: { blue: ["web1"], green: ["web2", "web3", "web4"] } }),
      "ROLLOUT_CAPACITY: While green is replaced, 1 server of web would take the traffic of lb1, and 2 are needed",
    ],
    [
      "too many canaries",
      goalOf({ strategy: "canary", canary: { steps: [0.75, 1], holdMs: 0 } }),
      "ROLLOUT_CAPACITY",
    ],
    [
      "one server in traffic",
      goalOf({ strategy: "canary" }, withWeights({ web1: 1, web2: 0, web3: 0, web4: 0 })),
      "ROLLOUT_FEW_SERVERS",
    ],
    ["what can be done: rolling", goalOf({}, { balancers: [], routing: {} }), null],
    ["what can be done: halves", goalOf({ strategy: "blue-green" }, { halves }), null],
    ["what can be done: canary", goalOf({ strategy: "canary" }), null],
  ];
  it.each(cases)("%s", (_, goal, expected) => {
    const refusal = refusalOf(goal);
    if (expected === null) expect(refusal).toBe(null);
    else if (expected.startsWith("ROLLOUT")) expect(refusal).toContain(expected);
    else
      expect(() => refuseRollout(goal)).toThrow(
        expect.objectContaining({
          detail: expect.objectContaining({ why: expect.stringContaining(expected) }),
        }),
      );
  });
});
