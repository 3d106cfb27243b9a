import type { Effect, Outcome } from "../../src/plan/effect.ts";
import type { Fleet } from "../../src/plan/fleet-port.ts";
import { applyEffect } from "../../src/plan/simulate/apply.ts";
import type { World } from "../../src/plan/simulate/world.ts";
import type { SimulatedFleet } from "./simulated-fleet.ts";
import { tear } from "./torn.ts";

/** Effects of one decision all at once; or each when the outcome of the one before is written; or the last one first. */
export type Pace = "together" | "in turn" | "last first";

interface Sent {
  readonly effect: Effect;
  readonly epoch: number;
  readonly answer: (outcome: Outcome) => void;
}

/** Long enough for an operator to write an outcome down, and far from what a timer takes. */
const turns = 40;
const mostSubsets = 4;

/** Shows every world that a crash of the operator may leave: in the middle of each effect, and with any part of a decision done. */
export function createCrashingFleet(fleet: SimulatedFleet, pace: Pace, see: (world: World) => void): Fleet {
  let wave: Sent[] = [];
  const deliver = async (): Promise<void> => {
    const sent = wave;
    wave = [];
    showParts(fleet, sent, see);
    for (const one of pace === "last first" ? sent.toReversed() : sent) {
      one.answer(await fleet.apply(one.effect, one.epoch));
      see(fleet.world);
      if (pace !== "together") for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    }
  };
  return {
    raiseEpoch: (operator) => fleet.raiseEpoch(operator),
    observe: () => fleet.observe(),
    apply: (effect, epoch) =>
      new Promise((answer) => {
        if (wave.length === 0) void Promise.resolve().then(deliver);
        wave.push({ effect, epoch, answer });
      }),
  };
}

/** Of more than a few effects only single ones, as their number doubles with each. */
function showParts(
  { rules, world }: SimulatedFleet,
  sent: readonly Sent[],
  see: (world: World) => void,
): void {
  const after = (parts: readonly Sent[]): World =>
    parts.reduce((sum, { effect, epoch }) => applyEffect(rules, sum, effect, epoch).world, world);
  for (const { effect, epoch } of sent) {
    const torn = tear(rules, world, effect, epoch);
    if (torn !== null) see(torn);
  }
  if (sent.length > mostSubsets) for (const one of sent) see(after([one]));
  else
    for (let set = 1; set < 2 ** sent.length; set += 1)
      see(after(sent.filter((_, n) => (set >> n) % 2 === 1)));
}
