import { foldFacts } from "../plan/facts.ts";
import type { JournalText } from "./journal-lines.ts";

/** The newest claim knew all that counted when it was made; of one operator's records the longest copy has all that counted. */
export function chooseCopy(texts: readonly (JournalText | null)[]): JournalText | null {
  const ranked = texts.flatMap((text) =>
    text === null ? [] : [{ text, epoch: foldFacts(text.records).epoch, length: text.records.length }],
  );
  ranked.sort((a, b) => b.epoch - a.epoch || b.length - a.length);
  return ranked[0]?.text ?? null;
}
