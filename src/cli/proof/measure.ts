import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/load.ts";
import type { ProofConfig } from "../../config/proof.ts";
import type { Result } from "../../execute/loop.ts";
import type { BalancerEnd, HostEnd } from "../../fleet/end.ts";
import type { Effect } from "../../plan/effect.ts";
import type { Observed } from "../../plan/fleet.ts";
import type { AppSpec } from "../../plan/spec.ts";
import type { TrafficCounters } from "../../plan/traffic.ts";
import { type Circumstances, maskedBetween, proofOf, type Proof } from "../../proof/proof.ts";
import type { ProofResult } from "../../proof/result.ts";
import { startProber, type ProberProcess } from "../../proof/start.ts";
import { isSwitch } from "./change.ts";
import type { EarlierParts } from "./earlier.ts";
import { tryLasting } from "./lasting.ts";
import { loadOf } from "./load.ts";
import { afterMsOf, watchBefore } from "./watch.ts";
import { findTargets } from "./search.ts";
import { nameTarget, type Target } from "./target.ts";

/** What is measured while it is changed. */
export interface Proving {
  readonly config: Config;
  /** Of the release that is to be live. */
  readonly spec: AppSpec;
  /** Of the release that is live now; null: none is. undefined: it is, and its settings are not known. */
  readonly live: Promise<AppSpec | null | undefined>;
  readonly hosts: readonly HostEnd[];
  readonly balancers: readonly BalancerEnd[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the same deployment, before it was taken up again. */
  readonly earlier?: EarlierParts | undefined;
}

/** Why a deployment has no proof; with a fix where somebody should do something about it. */
export interface Unmeasured {
  readonly unmeasured: string;
  readonly fix?: string | undefined;
  /** It may have been measured: what was kept of it cannot be read. */
  readonly isUnreadable?: boolean | undefined;
}

export type Measured = Proof | Unmeasured;

interface Measurement {
  /** Comes before the first change: waits until what was before has been seen for a moment. */
  begin(): Promise<void>;
  /** An effect follows; what it answers with is called when that was applied. */
  during(effect: Effect, observed: Observed): Promise<(() => void) | undefined>;
  /** The deployment so far; null: nothing is measured. */
  look(id: string): Promise<Measured | null>;
  /** null: there was nothing to measure. */
  finish(result: Result | undefined, signal: AbortSignal): Promise<Measured | null>;
}

/** How late the prober may be (p99) before its word counts for nothing. */
const maxLagMs = 25;
const window = "deployment";
/** A balancer that takes longer to tell its counters holds no deployment up. */
const countMs = 2000;

/** Starts at once and by itself, beside whatever comes before the first change. */
export function measure(about: Proving, proof: ProofConfig): Measurement {
  const opening = open(about, proof).catch(failed);
  const beginning = (): Promise<Counted> => opening.then((opened) => beginWindow(about, opened));
  let isChanged = false;
  let last: ProofResult | undefined;
  let changing = isTakenUp(about) ? beginning() : undefined;
  return {
    async begin() {
      isChanged = true;
      await (changing ??= beginning());
    },
    async during(effect, observed) {
      const opened = await opening;
      return "unmeasured" in opened || !opened.isAsked(effect) || !isSwitch(effect, observed)
        ? undefined
        : opened.switching(effect);
    },
    async look(id) {
      const [opened, before] = await Promise.all([opening, changing]);
      if ("unmeasured" in opened || before === undefined) return null;
      const ending = { deployment: id, ...nobody, isEnded: false };
      const seen = async (): Promise<ProofResult> => (last = await opened.prober.look());
      return await conclude(about, opened, { ending, before, seen });
    },
    async finish(result, signal) {
      const opened = await opening;
      if ("unmeasured" in opened) return opened;
      const { prober } = opened;
      prober.end();
      if (result === undefined || changing === undefined) {
        prober.kill();
        return null;
      }
      if (!signal.aborted) await sleep(opened.afterMs);
      const before = await changing;
      const { goal, end } = result;
      const isEnded = end === "new" || end === "old";
      const [serves, gone] = end === "new" ? [goal.release, goal.previous] : [goal.previous, goal.release];
      const ending = {
        deployment: goal.id,
        ...(isEnded ? { serves, gone } : nobody),
        isEnded,
        isUndone: end === "old",
      };
      const seen = (): Promise<ProofResult> => prober.stop();
      const measured = await conclude(about, opened, { ending, before, seen }).catch((error: unknown) =>
        last === undefined ? failed(error) : concludeEarly(about, opened, { ending, before, last, error }),
      );
      return !isChanged && "during" in measured && measured.during.sent === 0 ? null : measured;
    },
  };
}

/** Then whatever is lost is lost to the deployment, from the first request on. */
function isTakenUp({ earlier }: Proving): boolean {
  return earlier?.isChanged === true;
}

function failed(error: unknown): Unmeasured {
  return {
    unmeasured: error instanceof Error ? error.message : String(error),
    fix: "The next deployment is measured again; proof: false turns it off.",
  };
}

interface Opened {
  readonly prober: ProberProcess;
  readonly startedAt: number;
  readonly afterMs: number;
  readonly url: string;
  readonly about: Pick<
    Circumstances,
    "cutShort" | "leftOut" | "unasked" | "unfit" | "isOfSeveral" | "isTakenUp"
  >;
  /** May what lasts feel it? That asks one address alone. */
  isAsked(effect: Effect): boolean;
  switching(effect: Effect): () => void;
}

const nobody = { serves: null, gone: null } as const;

/** null: no balancer is driven, or one does not count. */
type Counted = readonly TrafficCounters[] | null;

async function open(about: Proving, proof: ProofConfig): Promise<Opened | Unmeasured> {
  const live = await about.live;
  if (live === null) return { unmeasured: "nothing was live before that could have lost anything" };
  const between = { live: live ?? null, next: about.spec };
  const asking = { ...about, isTakenUp: isTakenUp(about) };
  const found = await findTargets(asking, proof, between);
  if (found.targets === null) return { unmeasured: found.why, fix: found.fix };
  const { targets, leftOut, unasked } = found;
  const [first] = targets;
  const { fit, unfit } = await tryLasting(proof, first, asking.isTakenUp);
  const load = loadOf(proof, targets, fit);
  const prober = await startProber(asking.isTakenUp ? { ...load, window } : load);
  const isOfSeveral = targets.some(({ service }) => service !== first.service);
  return {
    prober,
    startedAt: performance.now(),
    afterMs: afterMsOf(load),
    url: targets.map(nameTarget).join(", "),
    about: { leftOut, unasked, unfit, isOfSeveral, isTakenUp: asking.isTakenUp },
    isAsked: (effect) => isFelt(effect, first, about.config),
    switching: switchesOf(prober),
  };
}

/** Several at once are one switch, which is over with the last of them. What is drained takes no request from then on. */
function switchesOf(prober: ProberProcess): Opened["switching"] {
  let underWay = 0;
  return (effect) => {
    prober.switching();
    if (effect.verb === "drain") {
      if (underWay === 0) prober.switched();
      return () => undefined;
    }
    underWay++;
    return () => {
      if (--underWay === 0) prober.switched();
    };
  };
}

/** Without a balancer each server has an address of its own. */
function isFelt(effect: Effect, { service, url }: Target, { servers, balancers }: Config): boolean {
  if (effect.layer !== "process") return true;
  if (service === undefined) return true;
  if (effect.service !== service) return false;
  return servers.length < 2 || balancers.length > 0 || new URL(url).hostname === effect.host;
}

/** What the balancers have counted until then. */
async function beginWindow(about: Proving, opened: Opened | Unmeasured): Promise<Counted> {
  if ("unmeasured" in opened) return null;
  const [counted] = await Promise.all([countersOf(about), watchBefore(opened)]);
  if (!isTakenUp(about)) opened.prober.begin(window);
  return counted;
}

interface Conclusion {
  readonly ending: Pick<Circumstances, "deployment" | "serves" | "gone" | "isEnded" | "isUndone">;
  readonly before: Counted;
  readonly seen: () => Promise<ProofResult>;
}

async function conclude(about: Proving, opened: Opened, conclusion: Conclusion): Promise<Measured> {
  const { url, about: asked } = opened;
  const { ending, before, seen } = conclusion;
  const [measured, after] = await Promise.all([seen(), before === null ? null : countersOf(about)]);
  const balancer = before === null || after === null ? null : maskedBetween(before, after);
  const isUncounted = about.balancers.length > 0 && balancer === null;
  return proofOf(measured, { ...ending, ...asked, url, balancer, isUncounted, maxLagMs });
}

/** What was seen before the prober was lost is not lost with it. */
async function concludeEarly(
  about: Proving,
  opened: Opened,
  {
    last,
    error,
    ...conclusion
  }: Omit<Conclusion, "seen"> & { readonly last: ProofResult; readonly error: unknown },
): Promise<Measured> {
  const cutShort = error instanceof Error ? error.message : String(error);
  const seen = (): Promise<ProofResult> => Promise.resolve(last);
  return await conclude(about, { ...opened, about: { ...opened.about, cutShort } }, { ...conclusion, seen });
}

async function countersOf({ balancers }: Proving): Promise<Counted> {
  if (balancers.length === 0) return null;
  const late = new AbortController();
  const tooLate = sleep(countMs, null, { signal: late.signal }).catch(() => null);
  const counted = await Promise.race([countAll(balancers), tooLate]);
  late.abort();
  return counted;
}

async function countAll(balancers: Proving["balancers"]): Promise<Counted> {
  const counters = await Promise.all(balancers.map((end) => end.counters().catch(() => null)));
  // One that counts nothing must not pass for one that repeated nothing.
  const isWhole = counters.every((one) => one !== null && one.length > 0);
  return isWhole ? counters.flatMap((one) => one ?? []) : null;
}
