import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Proof } from "../../../src/proof/proof.ts";
import { freePort, until } from "../bare.ts";
import { openShop, shopYaml } from "../deploy/shop.ts";

interface Told {
  readonly ok: boolean;
  readonly id?: string;
  readonly proof?: Proof | null;
}

function resultOf(stdout: string): Told {
  const line = stdout.split("\n").find((one) => one.startsWith('{"event":"result"'));
  const told: Told = JSON.parse(line ?? "{}");
  return told;
}

const measured = { isMeasured: true };
const verdicts = ["holds", "inconclusive"];

test("a deploy and a rollback are measured, and their proofs are kept, shown and drawn", async () => {
  const shop = await openShop();
  try {
    shop.configure(
      shopYaml(shop, {
        isMeasured: true,
        text: "proof: { release-header: x-release, upload: /upload, stream: /events, websocket: /ws }",
      }),
    );
    const first = await shop.cutover(["deploy", "--json"]);
    expect([first.exit, first.stderr, resultOf(first.stdout).proof]).toEqual([0, "", null]);

    shop.write({ VERSION: "v2" });
    const second = await shop.cutover(["deploy", "--json"]);
    const { id = "", proof } = resultOf(second.stdout);
    expect([second.exit, second.stderr]).toEqual([0, ""]);
    expect(proof).toMatchObject({ deployment: id, oldAnswers: 0, balancer: null });
    expect(proof?.failures).toEqual([]);
    expect(verdicts).toContain(proof?.verdict);
    expect(proof?.lanes.map(({ lane, sent }) => [lane, sent > 0])).toEqual(
      ["kept", "fresh", "slow", "upload", "stream", "websocket"].map((lane) => [lane, true]),
    );
    expect(Object.keys(proof?.seconds.at(-1)?.versions ?? {})).toEqual(["v2"]);
    expect(existsSync(join(shop.path, ".cutover/proofs", `${id}.json`))).toBe(true);

    const back = await shop.cutover(["rollback"]);
    expect(back.exit).toBe(0);
    expect(back.stdout).toMatch(
      /^Proof: 0 of [\d,]+ requests failed, at most [\d.]+ % with 95 % certainty; longest gap \d/m,
    );

    const shown = await shop.cutover(["proof", id, "--svg", "proof.svg"]);
    expect(shown.exit).toBe(proof?.verdict === "holds" ? 0 : 5);
    expect(shown.stdout).toMatch(new RegExp(`^Deployment ${id}, .*: ${proof?.verdict}$`, "m"));
    expect(shown.stdout).toMatch(/^- upload +\d+ +0 /m);
    expect(readFileSync(join(shop.project, "proof.svg"), "utf8")).toMatch(/^<svg /);
    const newest = resultOf((await shop.cutover(["proof", "--json"])).stdout);
    expect(newest.proof?.deployment).not.toBe(id);
  } finally {
    await shop.close();
  }
});

test("without a word about proof in the config every deploy is measured at the service's own port", async () => {
  const shop = await openShop();
  try {
    shop.configure(shopYaml(shop, measured));
    const first = resultOf((await shop.cutover(["deploy", "--json"])).stdout);
    const missing = await shop.cutover(["proof", `${first.id}`]);
    expect([missing.exit, missing.stderr]).toMatchObject([
      2,
      expect.stringMatching(/PROOF_MISSING .*\n.*Nothing was live before/),
    ]);
    shop.write({ VERSION: "v2" });
    const deployed = resultOf((await shop.cutover(["deploy", "--json"])).stdout);
    expect(deployed.proof).toMatchObject({ url: `http://127.0.0.1:${shop.port}/health`, failures: [] });
    expect(deployed.proof?.before.answered).toBeGreaterThan(0);
    expect(deployed.proof?.after.answered).toBeGreaterThan(0);

    shop.write({ VERSION: "v3", ALL_STATUS: 503, HEALTH_STATUS: 503 });
    shop.configure(shopYaml(shop));
    const silent = await shop.cutover(["deploy"]);
    expect([silent.exit, /proof|measured/i.test(silent.stdout + silent.stderr)]).toEqual([4, false]);
    const unproven = await shop.cutover(["proof"]);
    expect([unproven.exit, unproven.stdout]).toEqual([2, ""]);
    expect(unproven.stderr).toMatch(/PROOF_MISSING .*newest deployment(.|\n)*cutover proof \d+$/m);
    expect(unproven.stderr).toContain(`cutover proof ${deployed.id}`);

    writeFileSync(join(shop.path, ".cutover/proofs", `${deployed.id}.json`), "5");
    const damaged = await shop.cutover(["proof", `${deployed.id}`]);
    expect([damaged.exit, damaged.stdout]).toEqual([5, ""]);
    expect(damaged.stderr).toMatch(/^PROOF_DAMAGED (.|\n)*It does not tell: verdict, /m);
    const report = await shop.cutover(["report", `${deployed.id}`]);
    expect([report.exit, report.stderr]).toEqual([0, ""]);
    expect(report.stdout).toMatch(/Its proof cannot be read: It does not tell: verdict, /);
  } finally {
    await shop.close();
  }
});

test("a service that takes a second and a half for an answer is measured before, during and after all the same", async () => {
  const shop = await openShop();
  try {
    const url = `http://127.0.0.1:${shop.port}/slow?ms=1500`;
    shop.configure(shopYaml(shop, { isMeasured: true, text: `proof: { url: "${url}" }` }));
    await shop.cutover(["deploy"]);
    shop.write({ VERSION: "v2" });
    const { proof } = resultOf((await shop.cutover(["deploy", "--json"])).stdout);
    expect(proof).toMatchObject({ url, failures: [] });
    for (const { answered, p50Ms } of [proof?.before, proof?.during, proof?.after].flatMap(
      (one) => one ?? [],
    ))
      expect([answered >= 10, Math.floor((p50Ms ?? 0) / 1500)]).toEqual([true, 1]);
    expect(verdicts).toContain(proof?.verdict);
    expect(proof?.reasons.join(" ")).not.toMatch(/Too little was answered/);
  } finally {
    await shop.close();
  }
});

test("a deployment whose prober no longer answers ends as ever, with what was seen before", async () => {
  const shop = await openShop();
  try {
    shop.configure(shopYaml(shop, measured));
    await shop.cutover(["deploy"]);
    shop.configure(shopYaml(shop, { isMeasured: true, bake: "3s" }));
    shop.write({ VERSION: "v2" });
    const deploying = shop.cutover(["deploy", "--json"]);
    const kept = join(shop.path, ".cutover/proofs");
    await until("something was kept of it", () => readdirSync(kept).length > 1);
    process.kill(proberOf(shop.host.home), "SIGSTOP");
    const { ok, proof } = resultOf((await deploying).stdout);
    expect({ ok, proof }).toMatchObject({ ok: true, proof: { verdict: "inconclusive", failures: [] } });
    expect(proof?.during.sent).toBeGreaterThan(0);
    expect(proof?.reasons[0]).toBe(
      "It was not measured to its end: the prober did not tell what it saw within 13 s.",
    );
    expect(await shop.version()).toBe("v2");
  } finally {
    await shop.close();
  }
});

/** Of a cutover with that home. */
function proberOf(home: string): number {
  const found = readdirSync("/proc").find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isProber = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("proof/main.js");
      return isProber && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CUTOVER_HOME=${home}\0`);
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error("no prober runs");
  return Number(found);
}

test("a resume is measured too, and says what nobody measured before it", async () => {
  const shop = await openShop();
  try {
    shop.configure(shopYaml(shop, measured));
    await shop.cutover(["deploy"]);
    shop.write({ VERSION: "v2" });
    const killed = await shop.cutover(["deploy"], { CUTOVER_CRASH_AT: "9" });
    expect(killed.exit).not.toBe(0);
    const resumed = resultOf((await shop.cutover(["resume", "--json"])).stdout);
    expect(resumed).toMatchObject({ ok: true, proof: { verdict: "inconclusive", failures: [] } });
    expect(resumed.proof?.reasons.join(" ")).toMatch(
      /What was changed (?:at|from [\d:]+ to) [\d:]+ UTC was not measured\./,
    );
  } finally {
    await shop.close();
  }
});

test("what changes its port is not measured, says why, and is not held up by it", async () => {
  const shop = await openShop();
  try {
    shop.configure(shopYaml(shop, measured));
    await shop.cutover(["deploy"]);
    shop.configure(shopYaml({ ...shop, port: await freePort() }, measured));
    const ran = await shop.cutover(["deploy"]);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/warn .*not measured: web changes its port or its health path\..*proof\.url/);
  } finally {
    await shop.close();
  }
});
