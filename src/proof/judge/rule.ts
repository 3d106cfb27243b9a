import { isInformative, lnConditional } from "./hypergeometric.ts";
import type { JudgeSettings, SignalSettings } from "./settings.ts";
import { timesOdds, type Standard } from "./standard.ts";
import type { Table } from "./tick.ts";

/**
 * How one table counts for one signal: likelihood ratios, each of mean 1 at most under what it is to refute, whatever
 * happened before. So their running products exceed 1 / alpha with probability alpha at most, however often one looks
 * (Ville's inequality).
 */
export interface Rule {
  ratios(table: Table): Ratios;
  /** Evidence, as "so much to 1", that is enough. */
  readonly harmNeeded: number;
  readonly safeNeeded: number;
}

interface Ratios {
  /** Could the table tell harm from none at all? */
  readonly isInformative: boolean;
  /** ln of each alternative of harm against "no worse than tolerated". */
  readonly harm: readonly number[];
  /** ln of each alternative against "as many bad events as is harmful": by comparison, and by the share itself. */
  readonly safe: readonly (readonly number[])[];
}

const harmOdds = [2, 5, 25];
const harmOddsAlone = [3, 10, 99];
const safeParts = [1 / 20, 1 / 5, 1 / 2];

export function ruleOf(settings: JudgeSettings, signal: SignalSettings): Rule {
  const standard = settings.standards?.[signal.name];
  return standard === undefined ? besideControl(settings, signal) : alone(settings, standard);
}

/** The old release answers at the same time: what hits both is no evidence, and the weights may change at any tick. */
function besideControl(settings: JudgeSettings, signal: SignalSettings): Rule {
  const safeShares = safeParts.map((part) => signal.floor * part);
  const oddsRatios = [signal.tolerated, 1, signal.harmful, ...harmOdds];
  return {
    ratios(table) {
      const [tolerated = 0, equal = 0, harmful = 0, ...harm] = lnConditional(table, oddsRatios);
      return {
        isInformative: isInformative(table),
        harm: harm.map((ln) => ln - tolerated),
        safe: [[equal - harmful], safeShares.map((share) => lnBernoulli(table, share, signal.floor))],
      };
    },
    harmNeeded: settings.signals.length / settings.alphaAbort,
    safeNeeded: 2 / settings.alphaPromote,
  };
}

/** The canary's own share of bad events against fixed ones. */
function alone(settings: JudgeSettings, { tolerated, harmful }: Standard): Rule {
  return {
    ratios: (table) => ({
      isInformative: table.canary.total > 0 && tolerated < 1,
      harm: harmOddsAlone.map((odds) => lnBernoulli(table, timesOdds(tolerated, odds), tolerated)),
      safe: [safeParts.map((part) => lnBernoulli(table, harmful * part, harmful))],
    }),
    harmNeeded: (2 * settings.signals.length) / settings.alphaAbort,
    safeNeeded: 2 / settings.alphaPromote,
  };
}

/** ln of how much more likely the canary's events are at one share of bad ones than at another. */
function lnBernoulli({ canary }: Table, share: number, otherShare: number): number {
  const good = canary.total - canary.bad;
  return canary.bad * Math.log(share / otherShare) + good * (Math.log1p(-share) - Math.log1p(-otherShare));
}
