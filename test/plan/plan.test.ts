import { describe, expect, it } from "vitest";
import { planDeployment } from "../../src/plan/plan.ts";
import { observeWorld } from "../../src/plan/simulate/world.ts";
import {
  allHooks,
  makeScenario,
  makeService,
  makeSpec,
  makeWorker,
  type Scenario,
} from "../simulation/scenario.ts";

function sentences({ goal, world }: Scenario): readonly string[] {
  return planDeployment(goal, observeWorld(world)).steps.map((step) => step.sentence);
}

describe("a plan", () => {
  it("tells every step of a deployment in order, and touches nothing", () => {
    const php = makeService("php", { engine: "php-fpm", reload: "systemctl reload php-fpm" });
    const spec = makeSpec([makeService("web", { instances: 2 }), makeWorker("mail"), php], {
      hooks: { ...allHooks, "before-switch": [] },
      migrate: { run: "npx prisma migrate deploy", timeoutMs: 1000 },
    });
    expect(sentences(makeScenario("redeploy", { spec }))).toMatchInlineSnapshot(`
      [
        "Stage release 20261121090000",
        "Check release 20261121090000",
        "Run the migration: npx prisma migrate deploy",
        "Start 2 of web beside the old, gate closed",
        "Check web before it takes traffic",
        "Switch current to 20261121090000",
        "Open web",
        "Tell php of the switch: systemctl reload php-fpm",
        "Start 1 of mail beside the old, gate closed",
        "Check mail before it takes traffic",
        "Open mail",
        "Drain the old mail",
        "Run the after-switch hooks",
        "Watch it for 10 s",
        "Drain the old web",
        "Mark 20261121090000 good, keep 5 good releases",
        "Run the after-deploy hooks",
      ]
    `);
  });
  it("tells a first deployment, a replacement in batches and a recreation as what they are", () => {
    const spec = makeSpec([makeService("web", { instances: 2 })], { surge: 1 });
    expect(sentences(makeScenario("first", { spec, previousSpec: null }))).toContain(
      "Start 2 of web, gate closed",
    );
    expect(sentences(makeScenario("batches", { spec }))).toEqual(
      expect.arrayContaining(["Open web, 1 of the old stay", "Start 2 of web beside the old, gate closed"]),
    );
    const recreated = sentences(makeScenario("recreate", { spec, strategy: "recreate" }));
    expect(recreated.indexOf("Drain the old web")).toBeLessThan(
      recreated.indexOf("Start 2 of web where the old stopped"),
    );
  });
  it("leaves out what is there already: a rollback builds and migrates nothing", () => {
    const spec = makeSpec([makeService("web")], { migrate: { run: "migrate", timeoutMs: 1000 } });
    const steps = sentences(makeScenario("rollback", { spec, kind: "rollback" }));
    expect(steps.join()).not.toMatch(/Stage|migration/);
    expect(steps[0]).toMatch(/^Check release/);
  });
  it("lets a service go that the new release no longer has", () => {
    const spec = makeSpec([makeService("web")]);
    const previousSpec = makeSpec([makeService("web"), makeService("admin", { port: 4000 })]);
    expect(sentences(makeScenario("fewer", { spec, previousSpec }))).toContain("Drain admin and forget it");
  });
});
