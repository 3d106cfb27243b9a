import { expect, test } from "vitest";
import { plainMessage, slackMessage, type Told } from "../../../src/cli/notify/message.ts";
import { makeScenario, makeService, makeSpec, newRelease, oldRelease } from "../../simulation/scenario.ts";
import { measuredCanary } from "../report/recorded.ts";

const { goal } = makeScenario("notify", { spec: makeSpec([makeService("web")]), hosts: ["web1", "web2"] });

const told: Told = {
  app: "shop",
  stage: undefined,
  where: "web1, web2",
  operator: "ada@laptop",
  result: { goal, end: "new", ms: 41_200 },
  measured: null,
};

test("a success is one line, and what it cost the clients", () => {
  expect(slackMessage(told)).toEqual({
    text: `✅ *shop* on web1, web2: deployed release ${newRelease} after 41.2s`,
  });
  expect(slackMessage({ ...told, stage: "staging", measured: measuredCanary() }).text).toMatch(
    /^✅ \*shop \(staging\)\* .*\nProof: 20 of 2,240 requests failed \(20 5xx\); longest gap 31 ms; 3 masked/,
  );
});

test("a failure says what serves, why, and what to do; what a program wrote is no markup", () => {
  const problem = { code: "HEALTH_STATUS", what: "GET /health answered <500> & worse.", fix: "Correct it." };
  const { text } = slackMessage({ ...told, result: { goal, end: "old", ms: 900, problem } });
  expect(text.split("\n")).toEqual([
    `❌ *shop* on web1, web2: release ${newRelease} was not deployed, release ${oldRelease} serves, after 900ms`,
    "GET /health answered &lt;500&gt; &amp; worse.",
    "_Correct it._",
  ]);
});

test("the plain webhook gets data", () => {
  const paused = { goal: { ...goal, kind: "rollback" }, end: "paused", ms: 900 } as const;
  expect(plainMessage({ ...told, result: paused, measured: measuredCanary() })).toEqual({
    app: "shop",
    stage: null,
    host: "web1, web2",
    hosts: ["web1", "web2"],
    id: "1",
    kind: "rollback",
    release: newRelease,
    previous: oldRelease,
    revision: "abc",
    operator: "ada@laptop",
    end: "paused",
    ms: 900,
    problem: null,
    code: null,
    fix: null,
    proof: "broken",
    text: `shop on web1, web2: release ${newRelease} was not rolled back to, attention needed, after 900ms.`,
  });
});
