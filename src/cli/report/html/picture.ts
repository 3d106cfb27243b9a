import { gapsOf, type Run, runsOf } from "../../../proof/runs.ts";
import type { Ink } from "../../../proof/svg/gaps.ts";
import { between, merged, type Stretch, timeAxis, type TimeAxis } from "../../../proof/time-axis.ts";
import type { Report } from "../report.ts";

export const width = 960;
export const nameLength = 36;
const leastLeft = 130;
const letterWidth = 6.8;
const margin = 15;

/** What all pictures of the page share, so that what stands below each other happened at the same time. */
export interface Picture {
  readonly axis: TimeAxis;
  /** In which it was measured. */
  readonly runs: readonly Run[];
  readonly unmeasured: readonly Stretch[];
  /** In which nobody was at work on it. */
  readonly idle: readonly Idle[];
}

export interface Idle extends Stretch {
  readonly says: "paused" | "interrupted";
}

export function pictureOf(report: Report): Picture {
  const { hosts, measured, startedAt, endedAt } = report;
  const runs = measured === null || "unmeasured" in measured ? [] : runsOf(measured);
  const lively = merged([
    { from: startedAt, to: startedAt },
    ...report.runs.map((run) => ({ from: run.startedAt, to: run.endedAt })),
    ...runs,
  ]);
  const whole = {
    from: Math.min(...lively.map(({ from }) => from)),
    to: Math.max(endedAt, ...lively.map(({ to }) => to)),
  };
  const longest = Math.max(0, ...hosts.map(({ host }) => Math.min(nameLength, host.length)));
  const left = Math.max(leastLeft, Math.round(24 + longest * letterWidth));
  return {
    axis: timeAxis(lively, { left, right: width - margin, origin: startedAt }),
    runs,
    unmeasured: gapsOf(runs, whole),
    idle: between(lively, whole).map((gap) => Object.assign({ says: whyIdle(report, gap) }, gap)),
  };
}

function whyIdle({ runs }: Report, { from }: Stretch): Idle["says"] {
  const before = runs.findLast(({ startedAt }) => startedAt <= from);
  return before?.isPaused === true ? "paused" : "interrupted";
}

/** By the names of the style sheet. */
export const ink: Ink = { page: 'class="paper"', line: 'class="hatch"', text: 'class="gap"' };
