import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Proof } from "../../../src/proof/proof.ts";
import { until } from "../bare.ts";
import { expectExit, openShop, type Shop, shopYaml } from "../deploy/shop.ts";
import { start } from "../deploy/start.ts";

/** It has asked once by then whether anybody answers. */
function hasProber(operator: number): boolean {
  const children = readFileSync(`/proc/${operator}/task/${operator}/children`, "utf8").match(/\d+/g) ?? [];
  return children.some((pid) => commandLineOf(pid).includes("proof/main.js"));
}

function keptIn({ path }: Shop): Proof {
  const proof: Proof = JSON.parse(readFileSync(join(path, ".cutover/proofs/2.json"), "utf8"));
  return proof;
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test("what is lost in the rest of a bake that was taken up again is lost to the deployment", async () => {
  const shop = await openShop();
  try {
    const failsWith = join(shop.project, "fails");
    const text = `proof: { url: "http://127.0.0.1:${shop.port}/", release-header: x-release }`;
    const configure = (bake: string): void =>
      shop.configure(shopYaml(shop, { isMeasured: true, bake, text }));
    configure("300ms");
    expectExit(await shop.cutover(["deploy"]), 0);
    configure("2500ms");
    shop.write({ VERSION: "v2", FAILS_WITH: failsWith });
    const deploying = start(shop, ["deploy"]);
    await deploying.said("hold ");
    deploying.child.kill("SIGINT");
    expectExit(await deploying.ended(), 6);

    const resuming = start(shop, ["resume", "--json"]);
    await until("the prober runs", () => hasProber(resuming.child.pid ?? 0));
    writeFileSync(failsWith, "");
    // Nothing is changed yet, and whoever resumes it could die now.
    await until("what it sees is kept", () => {
      const { isTakenUp, isEnded, during } = keptIn(shop);
      return isTakenUp === true && !isEnded && during.failed > 0;
    });
    const resumed = await resuming.ended();
    expectExit(resumed, 0);
    const line = resumed.stdout.split("\n").find((one) => one.startsWith('{"event":"result"'));
    const { proof } = JSON.parse(line ?? "{}") as { readonly proof: Proof };
    expect(proof).toMatchObject({ verdict: "broken", before: { sent: 0, failed: 0 }, window: { fromMs: 0 } });
    expect(proof.during.failedBy).toEqual({ "5xx": proof.during.failed });
    expect(proof.earlier).toMatchObject([{ during: { failed: 0 }, after: { failed: 0 } }]);

    const { exit, stdout } = await shop.cutover(["proof"]);
    expect(exit).toBe(5);
    expect(stdout).not.toContain("before anything was changed");
    expect(stdout).toMatch(/^ {2}From when it was taken up again to the end: \d/m);
    expect(stdout).toMatch(/^ {2}[\d.]+m?s.* after it was taken up again, .*: 5xx, status 500$/m);

    rmSync(failsWith);
    configure("300ms");
    // As a disk that is full: nothing can be written there.
    const proofs = join(shop.path, ".cutover/proofs");
    rmSync(proofs, { recursive: true });
    writeFileSync(proofs, "");
    const back = await shop.cutover(["rollback"]);
    expectExit(back, 0);
    expect(back.stdout).toMatch(
      /^warn .*was measured, but its proof could not be kept on .* It is told here alone\./m,
    );
    expect(back.stdout).toMatch(/^Proof: 0 of [\d,]+ requests failed/m);
    expect(back.stdout).not.toMatch(/was not measured|More: cutover proof/);
  } finally {
    await shop.close();
  }
});
