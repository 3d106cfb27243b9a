import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Proof } from "../../../src/proof/proof.ts";
import { openShop, shopYaml } from "../deploy/shop.ts";

interface Told {
  readonly ok: boolean;
  readonly id?: string;
  readonly proof?: Proof;
}

function resultOf(stdout: string): Told {
  const line = stdout.split("\n").find((one) => one.startsWith('{"event":"result"'));
  const told: Told = JSON.parse(line ?? "{}");
  return told;
}

const verdicts = ["holds", "inconclusive"];

test("a deploy and a rollback are measured, and their proofs are kept, shown and drawn", async () => {
  const shop = await openShop();
  try {
    shop.configure(
      shopYaml(shop, {
        text: "proof: { release-header: x-release, upload: /upload, stream: /events, websocket: /ws }",
      }),
    );
    const first = await shop.cutover(["deploy", "--json"]);
    expect([first.exit, first.stderr, resultOf(first.stdout).proof]).toEqual([0, "", undefined]);
    const missing = await shop.cutover(["proof"]);
    expect(missing.exit).toBe(2);
    expect(missing.stderr).toContain("PROOF_MISSING");

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
    expect(back.stdout).toMatch(/^Proof: /m);

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
