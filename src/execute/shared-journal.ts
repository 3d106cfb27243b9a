import type { Journal } from "../plan/fleet-port.ts";
import { isProblem } from "../problem.ts";
import { type Anchor, majorityOf, untilEnough } from "./anchor.ts";
import { chooseCopy } from "./choose-copy.ts";
import { bringUp, type Copy, type Journaled, noteCopy } from "./copy.ts";
import { type Crash, die } from "./crash.ts";
import { encodeLine, firstHash, hashLine, type JournalText, readLines } from "./journal-lines.ts";
import { openText } from "./journal-text.ts";
import { unreadableJournalProblem, unwritableJournalProblem } from "./trouble.ts";

export interface SharedJournalOptions {
  readonly id: string;
  /** Hash of the last line of the deployment before; see lastHash(). */
  readonly seed?: string | undefined;
  readonly crash?: Crash | undefined;
  /** How a crash for tests ends this program. */
  readonly die?: (() => never) | undefined;
}

/** How long the last record waits for the slowest anchor; the next reader would repair it. */
const lastWaitMs = 5000;

/**
 * The journal of one deployment on its anchors. A record counts when most of them have it on disk under the epoch of the
 * claim (or begin) before it, which each accepts only while it is the highest there. `read` takes the copy of the newest
 * claim, the longest of those, and the next append repairs the others with it.
 */
export function openSharedJournal(anchors: readonly Anchor[], options: SharedJournalOptions): Journal {
  const { id, seed = firstHash } = options;
  let journal: Journaled = { id, text: openText(Buffer.alloc(0)), epoch: 0 };
  let copies = anchors.map((anchor) => copyOf(anchor, 0));
  let hash = seed;
  let written = 0;
  let isDying = false;

  const flush = async (): Promise<void> => {
    const errors = await untilEnough(
      copies.map((copy) => bringUp(copy, journal)),
      majorityOf(copies),
    );
    if (errors.length > 0) throw worst(errors, id);
  };
  const crashAt = async (moment: Crash["moment"], line: string): Promise<never> => {
    isDying = true;
    await Promise.allSettled(copies.map((copy) => bringUp(copy, journal)));
    if (moment !== "before") {
      // All but its end, so that a test can tell which record it was.
      journal.text.add(moment === "torn" ? line.slice(0, -2) : line);
      await Promise.allSettled(copies.map((copy) => bringUp(copy, journal)));
    }
    return (options.die ?? die)();
  };

  return {
    async append(record) {
      // Nobody who dies writes on beside it.
      if (isDying) return await new Promise(() => undefined);
      written += 1;
      if (record.kind === "begin" || record.kind === "claim") journal.epoch = record.epoch;
      const line = encodeLine(hash, record);
      if (options.crash?.record === written) await crashAt(options.crash.moment, line);
      hash = hashLine(line);
      journal.text.add(line);
      if (record.kind === "end") await slowest(copies.map((copy) => bringUp(copy, journal)));
      await flush();
    },
    async read() {
      const found = await readCopies(anchors, id);
      const best = chooseCopy(found.map((one) => one.text)) ?? readLines(Buffer.alloc(0), id);
      const bytes = found.find((one) => one.text === best)?.bytes.subarray(0, best.tail.bytes);
      journal = { id, text: openText(bytes ?? Buffer.alloc(0)), epoch: journal.epoch };
      copies = anchors.map((anchor) => copyOf(anchor, null));
      for (const one of found) {
        const copy = copies.find(({ anchor }) => anchor === one.anchor);
        if (copy !== undefined) noteCopy(copy, one.bytes, journal.text);
      }
      hash = best.records.length === 0 ? seed : best.tail.hash;
      return best.records;
    },
  };
}

function copyOf(anchor: Anchor, same: number | null): Copy {
  return { anchor, same, isDiverged: false, running: Promise.resolve(), waiting: null };
}

interface Found {
  readonly anchor: Anchor;
  readonly bytes: Buffer;
  /** null: damaged, which a repair makes good. */
  readonly text: JournalText | null;
}

async function readCopies(anchors: readonly Anchor[], id: string): Promise<readonly Found[]> {
  const errors: unknown[] = [];
  const found = await Promise.all(
    anchors.map(async (anchor): Promise<readonly Found[]> => {
      try {
        const bytes = Buffer.from(await anchor.readJournal(id));
        return [{ anchor, bytes, text: readCopy(anchor, id, bytes, errors) }];
      } catch (error) {
        errors.push(error);
        return [];
      }
    }),
  );
  const read = found.flat();
  if (read.filter((one) => one.text !== null).length >= majorityOf(anchors)) return read;
  throw unreadable(errors, id);
}

function readCopy(anchor: Anchor, id: string, bytes: Buffer, errors: unknown[]): JournalText | null {
  try {
    return readLines(bytes, `the journal of deployment ${id} on ${anchor.name}`);
  } catch (error) {
    if (!isProblem(error)) throw error;
    errors.push(error);
    return null;
  }
}

/** The next reader finds its end on every anchor that is well, not on most of them only. */
async function slowest(work: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, lastWaitMs)));
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}

/** Somebody newer in charge explains the rest. */
function worst(errors: readonly unknown[], id: string): Error {
  const stale = errors.find((error) => isProblem(error) && error.detail.code === "LOCK_STALE");
  return stale instanceof Error ? stale : unwritableJournalProblem(id, errors);
}

/** What is damaged everywhere is told as such. */
function unreadable(errors: readonly unknown[], id: string): Error {
  const damage = errors.find((error) => isProblem(error) && error.detail.code === "JOURNAL_CORRUPT");
  return damage instanceof Error ? damage : unreadableJournalProblem(id, errors);
}
