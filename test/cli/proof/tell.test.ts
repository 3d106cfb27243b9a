import { expect, onTestFinished, test, vi } from "vitest";
import type { Io } from "../../../src/cli/command.ts";
import type { Measured } from "../../../src/cli/proof/measure.ts";
import { tellMeasured } from "../../../src/cli/proof/tell.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import { Problem } from "../../../src/problem.ts";
import { measuredRun } from "../../proof/runs.ts";

const fullDisk = new Problem({
  code: "DISK_FULL",
  what: "cutover could not write proofs/42.json: the disk is full.",
  fix: "Free space.",
});

function server(name: string, isFull: boolean): HostEnd {
  const host: Pick<HostEnd, "name" | "saveProof"> = {
    name,
    saveProof: () => (isFull ? Promise.reject(fullDisk) : Promise.resolve()),
  };
  return host as HostEnd;
}

async function tell(hosts: readonly HostEnd[], measured: Measured) {
  const [events, lines]: [CutoverEvent[], string[]] = [[], []];
  const io: Pick<Io, "emit" | "print" | "result"> = {
    emit: (event) => void events.push(event),
    print: (line) => void lines.push(line),
    result: () => undefined,
  };
  await tellMeasured(hosts, io as Io, { keeping: { id: "42", epoch: 1 }, measured, isEnded: true });
  return { events, lines };
}

test("a proof that no server could keep was measured all the same, and nothing is said to be read later", async () => {
  const { events, lines } = await tell([server("web1", true)], measuredRun());
  expect(events).toMatchObject([
    {
      event: "warning",
      problem: {
        code: "PROOF_UNKEPT",
        what: "The deployment was measured, but its proof could not be kept on web1: cutover could not write proofs/42.json: the disk is full. It is told here alone.",
        fix: "Free space.",
      },
    },
  ]);
  expect(lines[0]).toMatch(/^Proof: 0 of /);
  expect(lines.join(" ")).not.toContain("cutover proof");
});

test("a server with a full disk leaves the copies of the others", async () => {
  const { events, lines } = await tell([server("web1", true), server("web2", false)], measuredRun());
  expect(events).toMatchObject([
    { problem: { what: expect.stringMatching(/Another server keeps it\.$/) as unknown } },
  ]);
  expect(lines[1]).toMatch(/More: cutover proof$/);
});

test("a server that does not answer is not waited for, and told", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const silent: Pick<HostEnd, "name" | "saveProof"> = {
    name: "web1",
    saveProof: () => new Promise<void>(() => undefined),
  };
  const told = tell([silent as HostEnd, server("web2", false)], measuredRun());
  await vi.advanceTimersByTimeAsync(10_000);
  const [warning] = (await told).events;
  expect(JSON.stringify(warning)).toContain("it was not written within 10 s");
});

test("what was kept everywhere warns of nothing", async () => {
  expect((await tell([server("web1", false)], measuredRun())).events).toEqual([]);
});
