import { encodeLine, firstHash, hashLine } from "../../../src/execute/journal-lines.ts";
import type { JournalRecord } from "../../../src/plan/record.ts";

/** The journal of these records, as a server keeps it. */
export function journalText(records: readonly JournalRecord[]): string {
  let [hash, text] = [firstHash, ""];
  for (const record of records) {
    const line = encodeLine(hash, record);
    hash = hashLine(line);
    text += line;
  }
  return text;
}
