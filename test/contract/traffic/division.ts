import { expect, onTestFinished, test } from "vitest";
import type { ProblemDetail } from "../../../src/problem.ts";
import { openBed, routing, type Bed } from "./bed.ts";
import { freshClient, tally } from "./client.ts";
import type { WholeSubject } from "./subject.ts";

export function describeDivision(get: () => Bed, subject: WholeSubject): void {
  test("says of an ordinary backend that its shares are as exact as its weights", async () => {
    const { balancer, firstUneven } = get();
    expect(firstUneven).toEqual([]);
    expect(await balancer.uneven()).toEqual([]);
    for (const { dividedBy } of await balancer.counters()) expect(dividedBy).toBeUndefined();
  });

  test("tells before anything is changed, and later, that clients stick to a server, and it is so", async () => {
    const { sticky } = subject;
    const bed = await openBed({ ...subject, start: (site) => sticky.start(site) });
    onTestFinished(() => bed.close());
    const { balancer, firstUneven } = bed;
    const codes = firstUneven.map(({ code }) => code);
    for (const told of firstUneven) expectLine(bed, told, sticky.line);
    await balancer.write(routing([3, 1, 0]));
    expect((await balancer.uneven()).map(({ code }) => code)).toEqual(codes);
    for (const { dividedBy } of await balancer.counters()) expect(dividedBy).toMatch(sticky.line);
    const met = Object.keys(await tally(freshClient(bed.url), 80));
    // One client stays at its server whatever the shares, or meets both releases.
    expect([codes, met.length]).toEqual(
      met.length === 1 ? [["TRAFFIC_SHARES_INEXACT"], 1] : [["TRAFFIC_SHARES_UNSTICKY"], 2],
    );
  });
}

/** It stands in the operator's file where the notice says. */
function expectLine({ firstConfiguration }: Bed, { what }: ProblemDetail, line: RegExp): void {
  expect(what).toMatch(line);
  const [, path = "", number] = /\((\/\S+):(\d+)\)/.exec(what) ?? [];
  const text = firstConfiguration[path]?.split("\n")[Number(number) - 1] ?? "no such line";
  expect(what).toContain(`"${text.trim().replace(/;$/, "")}"`);
}
