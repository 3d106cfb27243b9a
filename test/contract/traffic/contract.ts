import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { openBed, even, type Bed } from "./bed.ts";
import { describeCounters } from "./counters.ts";
import { describeDivision } from "./division.ts";
import { describeDurability } from "./durability.ts";
import { describeFrontends } from "./frontends.ts";
import { describeRefusals } from "./refusals.ts";
import { describeRouting } from "./routing.ts";
import { describeSwitches } from "./switches.ts";
import type { WholeSubject } from "./subject.ts";

/** What every driver keeps, against its real balancer. One bed; each test begins with equal weights and no cohort. */
export function trafficContract(subject: WholeSubject): void {
  const title = `the traffic driver ${subject.name} keeps the contract`;
  describe.skipIf(subject.missing !== undefined)(title, () => {
    let bed: Bed | undefined;
    const get = (): Bed => {
      if (bed === undefined) throw new Error("the bed is not open");
      return bed;
    };
    beforeAll(async () => {
      bed = await openBed(subject);
    });
    afterAll(async () => {
      await bed?.close();
    });
    beforeEach(async () => {
      await get().balancer.write(even);
    });
    describeRouting(get);
    describeDurability(get);
    describeCounters(get);
    describeFrontends(get);
    describeDivision(get, subject);
    describeRefusals(get);
    describeSwitches(get, subject.name);
  });
}
