import { afterEach, beforeEach, describe } from "vitest";
import { describeEffects } from "./effects.ts";
import { describeEpochs } from "./epochs.ts";
import { describeJournals } from "./journals.ts";
import { describeLocks } from "./locks.ts";
import { describeWishes } from "./wishes.ts";
import type { EndSite, EndSubject, FleetSubject, Site } from "./subject.ts";

/** What every adapter of the Fleet port keeps. Each test begins with hosts that nobody has deployed to. */
export function fleetContract(subject: FleetSubject): void {
  withSite(subject, `the fleet ${subject.name} keeps the contract`, (get) => {
    describeEpochs(get);
    describeEffects(get);
    describeJournals(get);
    describeWishes(get);
  });
}

/** The same, and what the ends of real hosts keep besides. */
export function endContract(subject: EndSubject): void {
  fleetContract(subject);
  withSite<EndSite>(subject, `the ends of ${subject.name} keep the contract`, describeLocks);
}

function withSite<Opened extends Site>(
  subject: { readonly missing?: string | undefined; open(): Promise<Opened> },
  title: string,
  tests: (get: () => Opened) => void,
): void {
  describe.skipIf(subject.missing !== undefined)(title, () => {
    let site: Opened | undefined;
    beforeEach(async () => {
      site = await subject.open();
    });
    afterEach(async () => {
      await site?.close();
      site = undefined;
    });
    tests(() => {
      if (site === undefined) throw new Error("the site is not open");
      return site;
    });
  });
}
