import type { Failure } from "./failure.ts";
import type { AtSwitch } from "./result.ts";

/** One upload, stream or WebSocket, from its beginning to its end. */
export interface Lasting {
  readonly lane: string;
  /** It was under way when a switch began. */
  isMet: boolean;
  /** And still when that switch was over. */
  hasOutlasted: boolean;
}

/** How it ended: with an answer in full, with the goodbye of a stream, or lost. */
interface Ending {
  readonly how: "answered" | "ended";
  readonly failure?: Failure | undefined;
  readonly ownFault?: string | undefined;
  readonly version?: string | undefined;
}

type Figures = { -readonly [Key in keyof Pick<AtSwitch, "ended" | "reopened">]: number } & {
  readonly answeredBy: Record<string, number>;
  answered: number;
  readonly lostBy: Partial<Record<Failure, number>>;
};

/** What is under way, and what became of that which met a switch. */
export interface Lastings {
  readonly open: Set<Lasting>;
  readonly ended: Map<string, Figures>;
  /** That are over, and whether another is under way. */
  switches: number;
  isSwitching: boolean;
}

export function createLastings(): Lastings {
  return { open: new Set(), ended: new Map(), switches: 0, isSwitching: false };
}

export function beginLasting({ open }: Lastings, lane: string): Lasting {
  const lasting = { lane, isMet: false, hasOutlasted: false };
  open.add(lasting);
  return lasting;
}

/** Traffic is about to go elsewhere. */
export function beginSwitch(lastings: Lastings): void {
  lastings.isSwitching = true;
  for (const lasting of lastings.open) lasting.isMet = true;
}

/** It goes there now. */
export function endSwitch(lastings: Lastings): void {
  if (lastings.isSwitching) lastings.switches++;
  lastings.isSwitching = false;
  for (const lasting of lastings.open) lasting.hasOutlasted = lasting.isMet;
}

/** An answer that came while it was still being switched shows nothing. */
export function endLasting(lastings: Lastings, lasting: Lasting, ending: Ending): void {
  const { how, failure, ownFault, version } = ending;
  lastings.open.delete(lasting);
  if (ownFault !== undefined) return;
  if (!lasting.isMet || (how === "answered" && failure === undefined && !lasting.hasOutlasted)) return;
  const figures = figuresOf(lastings, lasting.lane);
  if (failure !== undefined) figures.lostBy[failure] = (figures.lostBy[failure] ?? 0) + 1;
  else if (how === "ended") figures.ended++;
  else {
    figures.answered++;
    if (version !== undefined) figures.answeredBy[version] = (figures.answeredBy[version] ?? 0) + 1;
  }
}

/** The one that took its place has been answered. */
export function reopenLasting(lastings: Lastings, { lane, isMet }: Lasting): void {
  if (isMet) figuresOf(lastings, lane).reopened++;
}

function figuresOf({ ended }: Lastings, lane: string): Figures {
  const known = ended.get(lane);
  if (known !== undefined) return known;
  const figures = { answered: 0, answeredBy: {}, ended: 0, reopened: 0, lostBy: {} };
  ended.set(lane, figures);
  return figures;
}

/** Of each of these lanes; undefined: nothing was switched, or there are none. */
export function atSwitchOf(
  lastings: Lastings,
  lanes: readonly Pick<AtSwitch, "lane" | "what">[],
): readonly AtSwitch[] | undefined {
  const switches = lastings.switches + (lastings.isSwitching ? 1 : 0);
  if (switches === 0 || lanes.length === 0) return undefined;
  return lanes.map(({ lane, what }) => {
    const figures = structuredClone(figuresOf(lastings, lane));
    const open = [...lastings.open].filter((one) => one.lane === lane && one.hasOutlasted).length;
    const lost = Object.values(figures.lostBy).reduce((sum, count) => sum + count, 0);
    return {
      lane,
      what,
      switches,
      underWay: figures.answered + figures.ended + lost + open,
      ...figures,
      lost,
      open,
    };
  });
}
