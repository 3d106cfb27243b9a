import type { TrafficCounters } from "../plan/traffic.ts";
import { sayAtSwitch, sayMissed } from "./at-switch.ts";
import { isBackAtOld, oldAnswersOf } from "./old-answers.ts";
import type { AtSwitch, LagStats, LaneStats, ProofResult, Second, Stats, WindowResult } from "./result.ts";

/** What a deployment cost the clients, as measured from outside while it went on. Kept with its journal; plain JSON. */
export interface Proof {
  readonly deployment: string;
  readonly url: string;
  /** Services that clients may reach and that nobody asked. */
  readonly unasked?: readonly { readonly service: string; readonly why: string }[] | undefined;
  /**
   * masked: no client lost a request, because the balancer repeated tries that failed. inconclusive: nothing was lost, but
   * the prober was starved or saw too little. Only `holds` is a proof of zero downtime.
   */
  readonly verdict: "holds" | "masked" | "broken" | "inconclusive";
  /** false: it was interrupted or paused, and this is what was measured until then. */
  readonly isEnded: boolean;
  /** It goes on while this is read; never kept. */
  readonly isUnderWay?: true | undefined;
  /** Something had been changed before this run of the program began: it has no `before`, and its window begins with it. */
  readonly isTakenUp?: boolean | undefined;
  /** Whole sentences, the weightiest first. */
  readonly reasons: readonly string[];
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** The deployment, from its first change to its end; ms since startedAt. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly before: Stats;
  readonly during: Stats;
  readonly after: Stats;
  /** `during`, lane by lane. */
  readonly lanes: readonly LaneStats[];
  readonly resolutionMs: number | null;
  readonly lag: ProofResult["lag"];
  /** null: no balancer counted them. */
  readonly balancer: Masked | null;
  /** A balancer stood between, and what it repeated nobody counted. */
  readonly isUncounted?: boolean | undefined;
  /** Answers of another release than the one that serves, to requests due after the end; null: nobody can tell. */
  readonly oldAnswers: number | null;
  /** Length of one of `seconds`. */
  readonly slotMs: number;
  readonly seconds: readonly Second[];
  readonly failures: ProofResult["failures"];
  /** Uploads, streams and WebSockets under way when traffic went elsewhere; absent: none were asked for, or nothing was switched. */
  readonly atSwitch?: readonly AtSwitch[] | undefined;
  /** What was measured of the same deployment before it was taken up again, the oldest first. */
  readonly earlier?: readonly Proof[] | undefined;
  /** What the last run alone has shown, where there were earlier ones. */
  readonly own?: Pick<Proof, "verdict" | "reasons"> | undefined;
}

export interface Masked {
  readonly retries: number;
  readonly redispatches: number;
}

export interface Circumstances {
  readonly deployment: string;
  readonly url: string;
  /** Release that serves in the end; null: several, or unknown. */
  readonly serves: string | null;
  /** Release that was live or tried before that; null: none, or unknown. */
  readonly gone?: string | null | undefined;
  /** The deployment was undone: what serves is what served before it. */
  readonly isUndone?: boolean | undefined;
  /** Several services were asked, whose own words for a version need not be the same. */
  readonly isOfSeveral?: boolean | undefined;
  readonly isEnded: boolean;
  readonly isTakenUp?: Proof["isTakenUp"];
  /** Addresses that did not answer before it was measured, and were left out. */
  readonly leftOut?: readonly string[] | undefined;
  readonly unasked?: Proof["unasked"];
  /** Lanes that were left out as well, a sentence each. */
  readonly unfit?: readonly string[] | undefined;
  readonly balancer: Masked | null;
  readonly isUncounted?: boolean | undefined;
  /** Why it was not measured to its end. */
  readonly cutShort?: string | undefined;
  /** Own lag (p99) above which nothing is proven. */
  readonly maxLagMs: number;
}

/** The proof of the run's last window. */
export function proofOf(result: ProofResult, about: Circumstances): Proof {
  const window = result.windows.at(-1);
  if (window === undefined) throw new Error("a proof needs a window around the deployment");
  const oldAnswers = oldAnswersOf(window, result, about);
  const findings = findingsOf(window, {
    oldAnswers,
    about,
    atSwitch: result.atSwitch ?? [],
    isBack: isBackAtOld(window, result, about),
  });
  return {
    deployment: about.deployment,
    url: about.url,
    ...(about.unasked === undefined || about.unasked.length === 0 ? {} : { unasked: about.unasked }),
    verdict: verdictOf(findings),
    isEnded: about.isEnded,
    ...(about.isTakenUp === true ? { isTakenUp: true } : {}),
    reasons: [...reasonsOf(findings, result), ...(about.isEnded ? [] : [unended])],
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    window: { fromMs: window.fromMs, toMs: window.toMs },
    before: window.before,
    during: window.during,
    after: window.after,
    lanes: window.lanes,
    resolutionMs: result.resolutionMs,
    lag: window.lag,
    balancer: about.balancer,
    ...(about.isUncounted === true ? { isUncounted: true } : {}),
    oldAnswers,
    slotMs: result.slotMs,
    seconds: result.seconds,
    failures: result.failures,
    ...(result.atSwitch === undefined ? {} : { atSwitch: result.atSwitch }),
  };
}

/** When it is tried whether what is to be asked answers at all. */
export function sayTrying(isTakenUp: boolean | undefined): string {
  return isTakenUp === true ? "when it was taken up again" : "before anything was changed";
}

export const unended: string =
  "The deployment has not come to its end; this is what was measured until it stopped.";

const backAtOld =
  "Another release answered meanwhile, and after the end only the one from before: whether the new one serves is not known.";

const counts = ["requests", "retries", "redispatches"] as const;

/** What the balancer repeated between two readings of its counters; counters that went down began anew. */
export function maskedBetween(before: readonly TrafficCounters[], after: readonly TrafficCounters[]): Masked {
  let masked = { retries: 0, redispatches: 0 };
  for (const now of after) {
    const past = before.find(({ service, server }) => service === now.service && server === now.server);
    const isAnew = past === undefined || counts.some((count) => past[count] > now[count]);
    masked = {
      retries: masked.retries + now.retries - (isAnew ? 0 : past.retries),
      redispatches: masked.redispatches + now.redispatches - (isAnew ? 0 : past.redispatches),
    };
  }
  return masked;
}

/** What was found, as the numbers that the verdict and its reasons are made of. */
interface Findings {
  readonly window: WindowResult;
  readonly failed: number;
  readonly old: number;
  readonly masked: Masked;
  /** Whether the new release serves in the end cannot be told. */
  readonly isBack: boolean;
  readonly isStarved: boolean;
  /** Requests that say nothing, by what was wrong with the prober. */
  readonly ownFaults: ReadonlyMap<string, number>;
  readonly cutShort: string | undefined;
  readonly isBlind: boolean;
  readonly leftOut: readonly string[];
  readonly tried: string;
  readonly unfit: readonly string[];
  readonly atSwitch: readonly AtSwitch[];
  /** What was to be under way at the switch, and was not. */
  readonly missed: string | null;
}

function findingsOf(
  window: WindowResult,
  {
    oldAnswers,
    about,
    atSwitch,
    isBack,
  }: {
    readonly oldAnswers: number | null;
    readonly about: Circumstances;
    readonly atSwitch: readonly AtSwitch[];
    readonly isBack: boolean;
  },
): Findings {
  const { before, during, after, lag } = window;
  const isSeenAfter = after.answered > 0 || !about.isEnded;
  return {
    window,
    failed: during.failed + after.failed,
    old: oldAnswers ?? 0,
    masked: about.balancer ?? { retries: 0, redispatches: 0 },
    isStarved: lag.p99Ms > about.maxLagMs,
    ownFaults: ownFaultsOf([during, after]),
    cutShort: about.cutShort,
    leftOut: about.leftOut ?? [],
    tried: sayTrying(about.isTakenUp),
    unfit: about.unfit ?? [],
    atSwitch,
    isBack,
    missed: sayMissed(atSwitch),
    isBlind: (before.answered === 0 && about.isTakenUp !== true) || during.sent === 0 || !isSeenAfter,
  };
}

function ownFaultsOf(all: readonly Stats[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const { ownFaults = {} } of all)
    for (const [fault, number] of Object.entries(ownFaults)) sum.set(fault, (sum.get(fault) ?? 0) + number);
  return sum;
}

function sayOwnFault(fault: string, number: number): string {
  const why =
    fault === "stalled"
      ? "did not run for a while when they were due or under way"
      : `had none of its machine's files, ports or memory left (${fault})`;
  return `${count(number)} requests failed because the prober itself ${why}; they say nothing about the service.`;
}

function verdictOf({ failed, old, masked, ...findings }: Findings): Proof["verdict"] {
  if (failed > 0 || old > 0) return "broken";
  if (masked.retries + masked.redispatches > 0) return "masked";
  const { isStarved, ownFaults, cutShort, isBlind, isBack, leftOut, unfit, missed } = findings;
  const isWhole = missed === null && cutShort === undefined && !isBack;
  const isPartial = leftOut.length + unfit.length + ownFaults.size > 0 || !isWhole;
  return isStarved || isBlind || isPartial ? "inconclusive" : "holds";
}

function reasonsOf(findings: Findings, result: ProofResult): string[] {
  const { window, failed, old, masked, isStarved, ownFaults, isBlind, leftOut, unfit, missed } = findings;
  const { cutShort, isBack } = findings;
  const { before, during, after, lag } = window;
  const crossed = sayAtSwitch(findings.atSwitch);
  const reasons: [boolean, string][] = [
    [failed > 0, `${count(failed)} of ${count(during.sent + after.sent)} requests were lost.`],
    [old > 0, `${count(old)} answers after the end came from another release.`],
    [masked.retries + masked.redispatches > 0, sayMasked(masked)],
    [
      isStarved,
      `The prober itself was ${lag.p99Ms.toFixed(0)} ms late (p99): ${failed > 0 ? "more may have been lost unseen" : "too starved to prove anything"}.`,
    ],
    ...[...ownFaults].map(([fault, number]): [boolean, string] => [true, sayOwnFault(fault, number)]),
    [cutShort !== undefined, `It was not measured to its end: ${cutShort}.`],
    [isBack, backAtOld],
    [isBlind, "Too little was answered before, during or after to prove anything."],
    [leftOut.length > 0, `${leftOut.join(", ")} did not answer ${findings.tried}, and was not measured.`],
    ...unfit.map((sentence): [boolean, string] => [true, sentence]),
    [missed !== null, missed ?? ""],
    [failed === 0 && !isBlind, sayNoLoss(during, certainOutageMs(result.resolutionMs, lag))],
    [
      before.failed > 0,
      `Lost before anything was changed: ${count(before.failed)} of ${count(before.sent)}.`,
    ],
    [crossed !== null, crossed ?? ""],
  ];
  return reasons.flatMap(([applies, reason]) => (applies ? [reason] : []));
}

function sayMasked({ retries, redispatches }: Masked): string {
  const where = [
    ...(retries > 0 ? [`${times(retries)} on the same server`] : []),
    ...(redispatches > 0 ? [`${times(redispatches)} on another`] : []),
  ];
  return `The balancer tried again ${where.join(" and ")}: failures that it hid from the clients.`;
}

/** What lasted longer has met a request: it was due by then, and sent as late as the prober was at worst. */
export function certainOutageMs(resolutionMs: number | null, lag: LagStats): number | null {
  return resolutionMs === null ? null : resolutionMs + lag.maxMs;
}

function sayNoLoss({ sent, failureShareBelow }: Stats, outageMs: number | null): string {
  const share = `${Number((failureShareBelow * 100).toPrecision(2))} %`;
  const seen =
    outageMs === null ? "" : `; an outage longer than ${Number(outageMs.toPrecision(2))} ms would have shown`;
  return `None of ${count(sent)} requests was lost during the deployment, which is under ${share} with 95 % confidence${seen}.`;
}

function times(number: number): string {
  return number === 1 ? "once" : `${count(number)} times`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
