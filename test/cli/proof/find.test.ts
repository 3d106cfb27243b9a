import { expect, test } from "vitest";
import { findProof } from "../../../src/cli/proof/find.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { isProblem, type ProblemDetail } from "../../../src/problem.ts";
import { measuredRun } from "../../proof/runs.ts";

/** A server with journals of these deployments, and with what was kept of some. */
function server(ids: readonly string[], kept: Readonly<Record<string, unknown>>): HostEnd {
  const host: Pick<HostEnd, "name" | "readProof" | "journals"> = {
    name: "web1",
    readProof: (id) => Promise.resolve(id in kept ? JSON.stringify(kept[id]) : null),
    journals: (count) => Promise.resolve(ids.slice(-count).map((id) => ({ id, text: "" }))),
  };
  return host as HostEnd;
}

async function find(hosts: readonly HostEnd[], id?: string): Promise<unknown> {
  return await findProof(hosts, id).catch((error: unknown): ProblemDetail => {
    if (isProblem(error)) return error.detail;
    throw error;
  });
}

test("without an ID it is about the newest deployment, also where an older one was measured", async () => {
  const unmeasured = "web changes its port";
  const older = { "8": measuredRun(), "9": { unmeasured: "nothing was changed" } };
  expect(await find([server(["8", "9", "10"], { ...older, "10": { unmeasured, fix: "Say it." } })])).toEqual({
    code: "PROOF_MISSING",
    what: "The newest deployment, 10, was not measured.",
    why: "Web changes its port.",
    fix: "Say it. The newest that was measured: cutover proof 8",
    exit: 2,
  });
  expect(await find([server(["8", "9", "10"], older)])).toMatchObject({
    code: "PROOF_MISSING",
    why: expect.stringContaining("with proof: false") as unknown,
    exit: 2,
  });
  expect(await find([server(["10"], {})])).toMatchObject({ fix: "See the deployments: cutover history" });
  expect(await find([server(["8"], older)])).toMatchObject({ verdict: "holds" });
});

test("whichever server knows the newest deployment is believed", async () => {
  const gone = { journals: () => Promise.reject(new Error("gone")) };
  const two = [server(["8"], {}), { ...server([], {}), ...gone }, server(["8", "9"], { "9": measuredRun() })];
  expect(await find(two)).toMatchObject({ verdict: "holds" });
});

test.each([
  [undefined, "Nothing was deployed yet."],
  ["99", "There is no deployment 99."],
  ["abc", 'There is no deployment "abc".'],
])(
  "where nothing was deployed, ID %s names no deployment, and nothing is explained about measuring",
  async (id, what) => {
    expect(await find([server([], {})], id)).toMatchObject({
      code: "DEPLOYMENT_MISSING",
      what,
      why: "A server keeps the journals of its newest deployments.",
      exit: 2,
    });
  },
);
