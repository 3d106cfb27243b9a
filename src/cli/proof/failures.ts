import type { Proof } from "../../proof/proof.ts";
import { shortDuration } from "../present/duration.ts";

type Failure = Proof["failures"][number];

/** More alike after each other than this are told as one. */
const mostAlike = 3;

/** "1.2s after the first change, kept: reset, read ECONNRESET", each or many alike in one. */
export function failureLines({
  failures,
  window,
  isTakenUp,
  before,
  during,
  after,
}: Proof): readonly string[] {
  const groups: Failure[][] = [];
  for (const failure of failures) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && isAlike(last[0], failure, window)) last.push(failure);
    else groups.push([failure]);
  }
  const begin = {
    atMs: window.fromMs,
    what: isTakenUp === true ? "it was taken up again" : "the first change",
  };
  const lines = groups.flatMap((group) =>
    group.length > mostAlike
      ? sayTogether(group, begin)
      : group.map((one) => `${sayWhen([one], begin)}, ${one.lane}: ${sayWhat(one)}`),
  );
  const lost = before.failed + during.failed + after.failed;
  const more = `${failures.length.toLocaleString("en-US")} of ${lost.toLocaleString("en-US")} that were lost are told: the first ones before, during and after the deployment.`;
  return failures.length > 0 && lost > failures.length ? [...lines, more] : lines;
}

/** When the window began, and with what. */
interface Begin {
  readonly atMs: number;
  readonly what: string;
}

/** Of the same kind, and both before, during or after the deployment. */
function isAlike(one: Failure, other: Failure, { fromMs, toMs }: Proof["window"]): boolean {
  const placeOf = ({ endMs }: Failure): number => (endMs < fromMs ? 0 : endMs <= toMs ? 1 : 2);
  return sayWhat(one) === sayWhat(other) && placeOf(one) === placeOf(other);
}

function sayTogether(group: readonly Failure[], begin: Begin): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const lanes = [...new Set(group.map(({ lane }) => lane))].toSorted();
  return [`${sayWhen(group, begin)}, ${lanes.join(" and ")}, ${group.length} times: ${sayWhat(first)}`];
}

function sayWhat({ failure, detail }: Failure): string {
  return [failure, detail].filter((part) => part !== "").join(", ");
}

function sayWhen(group: readonly Failure[], { atMs, what }: Begin): string {
  const ends = group.map(({ endMs }) => endMs);
  const side = Math.min(...ends) < atMs ? "before" : "after";
  const times = [Math.min(...ends), Math.max(...ends)].map((ms) => shortDuration(Math.abs(ms - atMs)));
  return `${[...new Set(times)].join(" to ")} ${side} ${what}`;
}
