import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { missingForBed } from "./bed/missing.ts";
import { type JudgedShop, openJudgedShop } from "./judged.ts";

const isMissing = missingForBed(["haproxy"]).length > 0;
const judge = "rate: 240, warm-up: 500ms";
const memoryLimit = /grew beyond its memory limit: it uses \d+ MB, and its limit is 150 MB/;

/** What is other than usual. */
interface Rollout {
  readonly strategy?: string;
  readonly cohort?: string;
  readonly hold?: string;
  /** Of the judge. */
  readonly options?: string;
  readonly paths?: string;
  readonly bake?: string;
}

/** Short times; nobody watches any of these deployments. */
describe.skipIf(isMissing)("a canary that the judge decides about, behind haproxy", () => {
  let judged: JudgedShop;

  beforeAll(async () => {
    judged = await openJudgedShop();
  });
  afterEach(() => judged.mend());
  afterAll(() => judged.shop.close());

  function configure({
    strategy = "canary",
    hold = "1s",
    options = "pre-check: 2s",
    paths = "[/]",
    bake = "1s",
    cohort = "",
  }: Rollout): void {
    const canary = `{ ${cohort}steps: [10%, 100%], hold: ${hold}, judge: { ${judge}, paths: ${paths}, ${options} } }`;
    judged.configure(
      `{ strategy: ${strategy}, bake: ${bake}, canary: ${canary} }`,
      strategy === "blue-green" ? "{ blue: [deploy@h1], green: [deploy@h2] }" : undefined,
    );
  }

  async function expectServing(...versions: readonly string[]): Promise<void> {
    expect(await judged.shop.versions()).toEqual(versions);
  }

  test("a server that is worse than the others with the same release is no canary, and nothing is changed", async () => {
    configure({});
    judged.break(["h1"]);
    const ran = await judged.deploy({ VERSION: "good" });
    console.log(ran.stderr);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(4);
    expect(ran.stderr).toMatch(/^CANARY_HOST_SICK {2}The canary h1 does worse than the other servers/m);
    expect(ran.stderr).toMatch(/errors {3}h1 \d+ of \d+ \(100 %\), others 0 of \d+: worse/);
    expect(ran.stdout).not.toMatch(/Open web|no new requests/);
    judged.mend();
    await expectServing("v0", "v0");
  });

  test.each<[string, Rollout, Readonly<Record<string, number>>, RegExp]>([
    [
      "answers one request in twenty with an error",
      { cohort: "match: { header: User-Agent, regex: Mobile }, " },
      { ERROR_SHARE: 0.05 },
      /^CANARY_HARM {2}.*fails more requests(.|\n)*matches Mobile to canary h1\.(.|\n)*errors {3}new \d+ of \d+ .*: worse(.|\n)*GET \/: status 500/m,
    ],
    [
      "takes twice as long",
      { strategy: "blue-green", options: "pre-check: 0s" },
      { ANSWER_MS: 100 },
      /^CANARY_HARM {2}.*slower(.|\n)*with 10 % of web to green \(h2\)\.(.|\n)*slow {5}new \d+ of \d+ .*: worse/m,
    ],
    [
      "leaks memory until it is beyond its limit",
      { hold: "20s", options: "pre-check: 0s" },
      { LEAK_MB_PER_SECOND: 60 },
      new RegExp(`^RELEASE_MEMORY {2}.* on h1 ${memoryLimit.source}`, "m"),
    ],
    [
      "crashes after half a minute",
      { hold: "1m", options: "pre-check: 0s" },
      { CRASH_AFTER_MS: 30_000 },
      /^RELEASE_DIED {2}.* on h1 (ended by itself|failed)\.(.|\n)*lost the connection to the database/m,
    ],
  ])(
    "one that %s is undone with the evidence, and the old one serves",
    async (_what, rollout, weakness, evidence) => {
      configure(rollout);
      const ran = await judged.deploy({ ...weakness, VERSION: "bad" });
      console.log(ran.stderr);
      expect(ran.exit, ran.stdout + ran.stderr).toBe(4);
      expect(ran.stderr, ran.stdout).toMatch(evidence);
      await expectServing("v0", "v0");
      expect(await judged.shop.version()).toBe("v0");
    },
  );

  test("one that begins to fail in the bake time is taken back from everywhere", async () => {
    configure({ bake: "1m" });
    const deploying = await judged.begin({ VERSION: "bad" });
    await deploying.until("the bake", ({ why }) => why?.startsWith("watching the new release for") === true);
    await expectServing("bad", "bad");
    judged.break(["h1", "h2"]);
    const ended = await deploying.ended;
    judged.mend();
    console.log(ended?.problem);
    expect(ended, deploying.story()).toMatchObject({ exit: 4, problem: { code: "BAKE_HARM" } });
    expect(deploying.story()).toMatch(/errors {3}new \d+ of \d+ \([\d.]+ %\), old 0 of [\d,]+ before: worse/);
    await expectServing("v0", "v0");
  });

  test("on-harm: pause leaves the traffic as it is until somebody says how it goes on", async () => {
    configure({ options: "pre-check: 2s, on-harm: pause" });
    const ran = await judged.deploy({ ANSWER_MS: 100, VERSION: "bad" });
    console.log(ran.stderr);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(6);
    expect(ran.stderr).toMatch(/^CANARY_HARM(.|\n)*slow {5}new(.|\n)*cutover resume(.|\n)*cutover abort/m);
    await expectServing("bad", "v0");
    const asked = await Promise.all(Array.from({ length: 20 }, () => judged.shop.version()));
    expect(asked.filter((version) => version === "v0").length).toBeGreaterThanOrEqual(17);
    const aborted = await judged.shop.program.run(["abort", "--yes"]);
    expect(aborted.exit, aborted.stdout + aborted.stderr).toBe(0);
    await expectServing("v0", "v0");
  });

  test("one that nobody can tell of is paused, never promoted; promote goes on all the same", async () => {
    configure({ options: "pre-check: 0s", paths: "[/missing]" });
    const ran = await judged.deploy({ VERSION: "v1" });
    console.log(ran.stderr);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(6);
    expect(ran.stderr).toMatch(
      /^CANARY_UNCERTAIN(.|\n)*Both releases fail most .*GET \/missing: status 404/m,
    );
    await expectServing("v1", "v0");
    const promoted = await judged.shop.program.run(["promote", "--yes"]);
    expect(promoted.exit, promoted.stdout + promoted.stderr).toBe(0);
    await expectServing("v1", "v1");
  });

  test("dry-run: true tells what it finds, and promotes all the same", async () => {
    configure({ hold: "4s", options: "pre-check: 2s, dry-run: true", bake: "5s" });
    const deploying = await judged.begin({ ANSWER_MS: 100, VERSION: "slow" });
    onTestFinished(() => void deploying.ended);
    await deploying.until("the bake", ({ why }) => why?.startsWith("watching the new release for") === true);
    const promoted = await judged.shop.program.run(["promote"]);
    console.log(promoted.stdout);
    expect(promoted.stdout + promoted.stderr).toContain("is in its bake time, which is watched to its end");
    const ended = await deploying.ended;
    expect(ended, deploying.story()).toMatchObject({ exit: 0 });
    expect(deploying.story()).toMatch(
      /"event":"judge","verdict":"harm","why":"It is slower .*"isDryRun":true/,
    );
    await expectServing("slow", "slow");
  });
});
