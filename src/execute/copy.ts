import { isProblem } from "../problem.ts";
import type { Anchor } from "./anchor.ts";
import type { OpenText } from "./journal-text.ts";
import { behindProblem, staleEpochProblem } from "./trouble.ts";

/** One anchor's copy of a journal. */
export interface Copy {
  readonly anchor: Anchor;
  /** Bytes it is known to share with the journal; null: unknown after a failure, to be read again. */
  same: number | null;
  /** It has whole lines behind `same` that never counted. */
  isDiverged: boolean;
  running: Promise<void>;
  waiting: Promise<void> | null;
}

export interface Journaled {
  readonly id: string;
  readonly text: OpenText;
  epoch: number;
}

/** Brings the copy up to all that the journal holds; one that is still waiting for its turn carries what came meanwhile. */
export function bringUp(copy: Copy, journal: Journaled): Promise<void> {
  copy.waiting ??= copy.running
    .catch(() => undefined)
    .then(() => {
      copy.waiting = null;
      copy.running = send(copy, journal);
      return copy.running;
    });
  return copy.waiting;
}

async function send(copy: Copy, journal: Journaled): Promise<void> {
  try {
    if (copy.same === null) await compare(copy, journal);
    if (await write(copy, journal)) return;
    await refuseStale(copy, journal);
    await compare(copy, journal);
    if (await write(copy, journal)) return;
    throw behindProblem(copy.anchor.name, journal.id);
  } catch (error) {
    copy.same = null;
    throw isProblem(error) ? error : behindProblem(copy.anchor.name, journal.id, error);
  }
}

async function write(copy: Copy, { id, text, epoch }: Journaled): Promise<boolean> {
  const at = copy.same ?? 0;
  const end = text.length;
  if (at === end && !copy.isDiverged) return true;
  const isRepair = copy.isDiverged;
  const isWritten = await copy.anchor.appendJournal({ id, at, text: text.from(at), epoch, isRepair });
  if (!isWritten) return false;
  copy.same = end;
  copy.isDiverged = false;
  return true;
}

/** Nobody else writes under this operator's epoch, so what differs on the anchor never counted. */
async function compare(copy: Copy, { id, text }: Journaled): Promise<void> {
  noteCopy(copy, Buffer.from(await copy.anchor.readJournal(id)), text);
}

export function noteCopy(copy: Copy, bytes: Buffer, text: OpenText): void {
  copy.same = text.common(bytes);
  copy.isDiverged = bytes.includes(10, copy.same);
}

async function refuseStale(copy: Copy, { epoch }: Journaled): Promise<void> {
  const accepted = await copy.anchor.epoch();
  if (accepted > epoch) throw staleEpochProblem(copy.anchor.name, epoch, accepted);
}
