import type { Result } from "../../execute/loop.ts";
import type { Onlooker } from "../deployment/fleet.ts";
import type { Io } from "../command.ts";
import { isChange } from "./change.ts";
import { type Keeping, keepProof } from "./keep.ts";
import { type Meanwhile, meanwhile } from "./meanwhile.ts";
import { measure, type Measured, type Proving } from "./measure.ts";
import { tellMeasured } from "./tell.ts";
import { nothing, together } from "./together.ts";

export interface Proved extends Result {
  /** null: measuring is turned off. */
  readonly measured: Measured | null;
}

/** Measures a deployment all through `run`, and keeps and prints the proof. It may delay the first change by an instant. */
export async function proving(
  about: Omit<Proving, "env">,
  io: Io,
  run: (onlooker: Onlooker) => Promise<Result>,
): Promise<Proved> {
  const { proof } = about.config;
  if (proof === undefined)
    return { ...(await run({ before: () => Promise.resolve(undefined) })), measured: null };
  const measurement = measure({ ...about, env: io.env }, proof);
  const at = Date.now();
  const { earlier, hosts } = about;
  let keeping: Keeping | undefined;
  let isChanged = false;
  const whole = (own: Measured | null, isEnded: boolean): Measured =>
    earlier === undefined ? (own ?? nothing) : together(own, earlier, { isEnded, isChanged, at });
  let writing: Meanwhile | undefined;
  const keep = (under: Keeping): void => {
    keeping = under;
    writing ??= meanwhile(async () => {
      const own = await measurement.look(under.id);
      const measured = whole(own, false);
      if (own !== null) await keepProof(hosts, keeping ?? under, { measured, isEnded: false });
    });
  };
  const onlooker: Onlooker = {
    raised(epoch) {
      if (earlier?.isChanged === true) keep({ id: earlier.id, epoch });
    },
    async before(effect, under) {
      if (!isChange(effect)) return undefined;
      await measurement.begin();
      isChanged = true;
      keep(under);
      return await measurement.during(effect, under.observed);
    },
  };
  const result = await run(onlooker).catch(async (error: unknown) => {
    await Promise.all([measurement.finish(undefined, io.signal), writing?.stop()]);
    throw error;
  });
  const [own] = await Promise.all([measurement.finish(result, io.signal), writing?.stop()]);
  const isEnded = result.end === "new" || result.end === "old";
  const measured = whole(own, isEnded);
  await tellMeasured(hosts, io, {
    keeping: keeping ?? { id: result.goal.id, epoch: null },
    measured,
    isEnded,
  });
  return { ...result, measured };
}
