import { expect, test } from "vitest";
import { readMeasured } from "../../../src/cli/proof/copies.ts";
import { readKept } from "../../../src/cli/proof/kept.ts";
import { keepProof } from "../../../src/cli/proof/keep.ts";
import type { Measured } from "../../../src/cli/proof/measure.ts";
import { proofLines, proofText } from "../../../src/cli/proof/text.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { isProblem, type ProblemDetail } from "../../../src/problem.ts";
import { proofSvg } from "../../../src/proof/svg.ts";
import { measuredRun } from "../../proof/runs.ts";

/** A server with that copy; undefined: it cannot be reached. */
function server(name: string, text: string | null | undefined): HostEnd {
  const readProof = (): Promise<string | null> =>
    text === undefined ? Promise.reject(new Error(`${name} is gone`)) : Promise.resolve(text);
  const host: Pick<HostEnd, "name" | "readProof"> = { name, readProof };
  return host as HostEnd;
}

/** As a server keeps it, and as every version before kept it, without its time. */
async function kept(measured: Measured, isEnded: boolean): Promise<string> {
  let told = "";
  const host: Pick<HostEnd, "name" | "saveProof"> = {
    name: "web1",
    saveProof: (_id, text) => {
      told = text;
      return Promise.resolve();
    },
  };
  await keepProof([host as HostEnd], { id: "42", epoch: null }, { measured, isEnded });
  return told;
}

interface Read {
  readonly measured: Measured | null | ProblemDetail;
  readonly warnings: readonly ProblemDetail[];
}

async function read(...hosts: readonly HostEnd[]): Promise<Read> {
  const warnings: ProblemDetail[] = [];
  const measured = await readMeasured(hosts, "42", (problem) => warnings.push(problem)).catch(
    (error: unknown) => {
      if (isProblem(error)) return error.detail;
      throw error;
    },
  );
  return { measured, warnings };
}

const whole = measuredRun();
const soFar = measuredRun({ isEnded: false, durationMs: 12_000 });
const later = measuredRun({ isEnded: false, durationMs: 18_000 });

test("a damaged copy is passed over for a good one on another server, with a warning", async () => {
  const { measured, warnings } = await read(server("web1", "{"), server("web2", await kept(whole, true)));
  expect(measured).toEqual(whole);
  expect(warnings).toMatchObject([{ code: "PROOF_DAMAGED", where: "web1" }]);
});

test("where no copy can be read that is a problem with what, why and what to do", async () => {
  expect((await read(server("web1", null), server("web2", "5"))).measured).toMatchObject({
    code: "PROOF_DAMAGED",
    what: "The proof of deployment 42 cannot be read.",
    where: "web2",
    why: "It does not tell: verdict, startedAt, window, before, during, after.",
    fix: expect.stringContaining(".cutover/proofs/42.json") as unknown,
    exit: 5,
  });
});

test("what was kept on the way never wins over what was kept at the end, whoever is asked first", async () => {
  const [stale, final] = [await kept(soFar, false), await kept(whole, true)];
  expect((await read(server("web1", stale), server("web2", final))).measured).toEqual(whole);
  expect((await read(server("web1", final), server("web2", stale))).measured).toEqual(whole);
  const reason = { unmeasured: "the prober ended" };
  const unmeasured = await kept(reason, true);
  expect((await read(server("web1", stale), server("web2", unmeasured))).measured).toEqual(reason);
});

test("of what was kept on the way the newest wins, also as another version kept it", async () => {
  const old = [soFar, later].map((proof) => JSON.stringify(proof));
  expect((await read(server("web1", old[0]), server("web2", old[1]))).measured).toEqual(later);
  expect((await read(server("web1", old[1]), server("web2", old[0]))).measured).toEqual(later);
});

test("a server that is gone is no matter where another one has it, and is told where none has", async () => {
  const good = await kept(whole, true);
  expect((await read(server("web1", undefined), server("web2", good))).measured).toEqual(whole);
  await expect(read(server("web1", undefined), server("web2", null))).rejects.toThrow("web1 is gone");
});

/** The same proof with one value in it, at any depth, replaced by another. */
function* replaced(value: unknown, by: unknown): Generator {
  yield by;
  if (typeof value !== "object" || value === null) return;
  for (const [name, one] of Object.entries(value))
    for (const other of replaced(one, by))
      yield Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other };
}

test.each([[5], [-1], [1e300], ["x"], [true], [null], [[]], [{}]])(
  "a proof in which any one thing has become %j is told as it is, or as one that cannot be read",
  (by) => {
    const run = measuredRun({ durationMs: 2000, isLost: (ms) => ms === 1000, version: () => "1" });
    let damaged = 0;
    for (const one of replaced({ ...run, earlier: [run], failures: run.failures.slice(0, 1) }, by)) {
      const copy = readKept(JSON.stringify(one));
      if ("why" in copy) damaged++;
      else if ("verdict" in copy.measured)
        for (const tell of [proofText, proofLines, proofSvg]) expect(tell(copy.measured)).toBeTruthy();
    }
    expect(damaged).toBeGreaterThan(20);
  },
);

test("a reason that is none is no reason", () => {
  expect(readKept('{"unmeasured":5}')).toHaveProperty("why");
});
