/** A host that keeps the journals, as text. Ends of the fleet are anchors; tests bring their own. */
export interface Anchor {
  readonly name: string;
  /** The epoch accepted last. */
  epoch(): Promise<number>;
  /** The newest `count` journals, oldest first. */
  journals(count: number): Promise<readonly { readonly id: string; readonly text: string }[]>;
  /** Empty when there is none of that id. */
  readJournal(id: string): Promise<string>;
  /** On the disk when it answers true; false: not as long as said, or not under the epoch accepted here. */
  appendJournal(append: AnchorAppend): Promise<boolean>;
}

interface AnchorAppend {
  readonly id: string;
  /** In bytes; a torn line behind it is dropped, whole lines only by a repair. */
  readonly at: number;
  readonly text: string;
  readonly epoch: number;
  readonly isRepair: boolean;
}

/** How many of them must have a record before it counts, and must be read before nothing can be missing. */
export function majorityOf(anchors: readonly unknown[]): number {
  return Math.floor(anchors.length / 2) + 1;
}

/** Ends as soon as `needed` have ended well, or with the errors when that has become impossible. */
export function untilEnough(work: readonly Promise<unknown>[], needed: number): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    const errors: unknown[] = [];
    let done = 0;
    const follow = async (one: Promise<unknown>): Promise<void> => {
      try {
        await one;
        done += 1;
        if (done === needed) resolve([]);
      } catch (error) {
        errors.push(error);
        if (errors.length > work.length - needed) resolve(errors);
      }
    };
    for (const one of work) void follow(one);
  });
}
