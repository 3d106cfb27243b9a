import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { ProofResult } from "../../../src/proof/result.ts";
import { openHost } from "../host.ts";

interface Result {
  readonly ok: boolean;
  readonly steps: readonly { readonly name: string; readonly exit: number }[];
  readonly proof: ProofResult;
}

function isResult(line: string): boolean {
  return line.startsWith('{"event":"result"');
}

test("the demo deploys, replaces, refuses a broken release and rolls back without a lost request, and cleans up", async () => {
  const host = await openHost();
  try {
    const ran = await host.cutover(["demo", "--json"], { env: { TMPDIR: host.directory } });
    expect([ran.exit, ran.stderr]).toEqual([0, ""]);
    const result: Result = JSON.parse(ran.stdout.split("\n").find(isResult) ?? "{}");
    expect(result.steps).toMatchObject([
      { name: "deploy v2", exit: 0 },
      { name: "deploy v3", exit: 4 },
      { name: "roll back", exit: 0 },
    ]);
    expect(result.proof.failures).toEqual([]);
    expect(result.proof.windows.map(({ versionsAfter }) => versionsAfter)).toEqual([["2"], ["2"], ["1"]]);
    expect(result.proof.versions.map(({ version }) => version)).not.toContain("3");
    expect(readdirSync(host.directory).filter((name) => name.startsWith("cutover-demo-"))).toEqual([]);
  } finally {
    await host.close();
  }
}, 240_000);
