/** What the two arms of a canary showed in one stretch of time, about a second. Serialisable: the journal keeps ticks. */
export interface Tick {
  /** End of the stretch, ms since the epoch. */
  readonly at: number;
  /** Signal -> its 2x2 table. Several ticks may tell of the same second: one for each source of evidence. */
  readonly signals: Readonly<Record<string, Table>>;
  /** Where a balancer divides the traffic: requests counted at each server beside the shares it was told. */
  readonly split?: Split | undefined;
}

export interface Table {
  readonly canary: Count;
  /** The old release at the same time; 0 of 0 where nothing of it is asked. */
  readonly control: Count;
  /** What its evidence is worth: less than 1 where bad events came in bursts, which may have one cause. Absent: 1. */
  readonly weight?: number | undefined;
}

export interface Count {
  readonly total: number;
  readonly bad: number;
}

export interface Split {
  /** "web at lb1", where one knows. */
  readonly where?: string | undefined;
  readonly expected: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

export const nothing: Count = { total: 0, bad: 0 };

export function plus(one: Count, other: Count): Count {
  return { total: one.total + other.total, bad: one.bad + other.bad };
}
