import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeliveryFigures } from "../../../src/cli/history/figures.ts";
import type { Report } from "../../../src/cli/report/report.ts";
import { until } from "../bare.ts";
import type { Ran } from "../host.ts";
import { expectExit, openShop, type Shop, shopYaml } from "./shop.ts";

/** What lies there, as a commit of that time. */
function commit(directory: string, at: number): void {
  const date = new Date(at).toISOString();
  const by = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    [...by, "commit", "-qm", "first"],
  ])
    execFileSync("git", words, { cwd: directory, env: { ...process.env, GIT_COMMITTER_DATE: date } });
}

describe("reports", () => {
  let shop: Shop;

  let job: { readonly GITHUB_STEP_SUMMARY: string };

  beforeAll(async () => {
    shop = await openShop();
    job = { GITHUB_STEP_SUMMARY: join(shop.host.directory, "job.md") };
    commit(shop.project, Date.now() - 2 * 3_600_000);
    expectExit(await shop.cutover(["deploy"], job), 0);
    shop.write({ VERSION: "broken", CRASH_AT_BOOT: "1" });
    expectExit(await shop.cutover(["deploy"], job), 4);
  });
  afterAll(() => shop.close());

  test("tell of the newest deployment what failed, with its evidence, and of an earlier one by its id", async () => {
    const ran = await shop.cutover(["report"]);
    expectExit(ran, 0);
    expect(ran.stdout).toMatch(
      new RegExp(`^Deployment \\d+ of shop: Release \\d+ was taken back; ${shop.current()}`),
    );
    expect(ran.stdout).toMatch(/refused .*Check web before it takes traffic/);
    expect(ran.stdout).toContain("Error: cannot read the configuration of this release");

    const history = await shop.cutover(["history", "--json"]);
    const [first] = (
      JSON.parse(history.stdout) as { readonly deployments: readonly { readonly id: string }[] }
    ).deployments;
    const earlier = await shop.cutover(["report", `${first?.id}`, "--json"]);
    expect(JSON.parse(earlier.stdout)).toMatchObject({
      ok: true,
      report: { id: first?.id, end: "new", previous: null, wayOut: [], findings: [] },
    });
  });

  test("and history count how often, how fast and how well it went", async () => {
    const { stdout } = await shop.cutover(["history", "--json"]);
    const { figures } = JSON.parse(stdout) as { readonly figures: DeliveryFigures };
    expect(figures).toMatchObject({
      live: 1,
      leadKnown: 1,
      changes: 1,
      failed: 0,
      caught: 1,
      restoreMs: null,
    });
    expect(figures.leadMs).toBeGreaterThan(2 * 3_600_000 - 1000);
    expect(figures.leadMs).toBeLessThan(2 * 3_600_000 + 120_000);
    const told = await shop.cutover(["history"]);
    expect(told.stdout).toMatch(/Lead time, from commit to live: 2h\d\dm \(median of 1\)\./);
  });

  test("are written as a page", async () => {
    expectExit(await shop.cutover(["report", "--html", "report.html"]), 0);
    expect(readFileSync(join(shop.project, "report.html"), "utf8")).toMatch(
      /^<!doctype html>[^]*<\/html>\n$/,
    );
  });

  test("stay with the job that deploys or rolls back without being asked for, and once", async () => {
    expectExit(await shop.cutover(["report", "--summary"], job), 0);
    shop.write({ VERSION: "v2" });
    const nowhere = await shop.cutover(["deploy"], { GITHUB_STEP_SUMMARY: "/dev/null/summary.md" });
    expectExit(nowhere, 0);
    expect(nowhere.stdout).toMatch(/warn {3}The summary of the job could not be written: .*ENOTDIR/);
    expectExit(await shop.cutover(["rollback"], job), 0);
    const headings = readFileSync(job.GITHUB_STEP_SUMMARY, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("## "));
    expect(headings).toEqual([
      expect.stringMatching(/^## ✅ shop: Release \d+ is live/),
      expect.stringMatching(/^## ❌ shop: Release \d+ was taken back/),
      expect.stringMatching(/^## ✅ shop: The app was rolled back to release \d+/),
    ]);
    expectExit(
      await shop.cutover(["report", "--summary"], { GITHUB_STEP_SUMMARY: join(shop.path, "own.md") }),
      0,
    );
    expect(readFileSync(join(shop.path, "own.md"), "utf8")).toMatch(/^## ✅ shop: The app was rolled back/);
  });

  test("of a deployment under way say so, until it stops", async () => {
    shop.configure(shopYaml(shop, { bake: "60s", isMeasured: true }));
    shop.write({ VERSION: "v3" });
    const deployed = shop.cutover(["deploy"]);
    const read = async (): Promise<Report> => {
      const { stdout } = await shop.cutover(["report", "--json"]);
      return (JSON.parse(stdout) as { readonly report: Report }).report;
    };
    await until("it is in its bake time", async () => {
      // Of the deployment before, as long as this one has not begun.
      const { end, moments } = await read();
      return end === null && moments.some(({ says }) => says === "Everything is switched");
    });
    const now = await read();
    expect(now).toMatchObject({ end: null, isUnderWay: true });
    expect(now.headline).toMatch(/ deploys release \d+ at this moment$/);
    expect(now.wayOut[0]).toContain("cutover pause");
    expect((await shop.cutover(["history", "-n", "1"])).stdout).toMatch(/ deploy +under way /);
    const proof = (): Promise<Ran> => shop.cutover(["proof"]);
    await until("something was measured", async () => (await proof()).exit === 5);
    const soFar = await proof();
    expect(soFar.stderr).toMatch(
      /^PROOF_FAILS {2}Deployment \d+ is (under way: nothing was lost so far|not proven)/,
    );
    expect(soFar.stdout).toContain("The deployment is under way; this is what was measured so far.");
    expect(soFar.stdout).toMatch(/^ {2}From the first change until now: /m);
    expectExit(await shop.cutover(["pause"]), 0);
    expectExit(await deployed, 6);
    const paused = await read();
    expect(paused).toMatchObject({ end: "paused", isUnderWay: false });
    expect((await proof()).stdout).toContain("this is what was measured until it stopped.");
    expect(paused.wayOut.join(" ")).toContain("cutover abort");
  });

  test("are refused where there is no summary, and no such deployment", async () => {
    const nowhere = await shop.cutover(["report", "--summary"], { GITHUB_STEP_SUMMARY: "" });
    expect([nowhere.exit, nowhere.stderr]).toMatchObject([2, expect.stringContaining("SUMMARY_NOWHERE")]);
    const unknown = await shop.cutover(["report", "4711"]);
    expect([unknown.exit, unknown.stderr]).toMatchObject([2, expect.stringContaining("DEPLOYMENT_MISSING")]);
  });
});
