import type { HostEnd } from "../../fleet/end.ts";
import { within } from "../../proof/deadline.ts";
import { type Kept, keptText } from "./kept.ts";

/** As many copies as there are of the journal. */
const copies = 3;
/** A server that takes longer holds nobody up. */
const keepMs = 10_000;

export interface Keeping {
  readonly id: string;
  /** Whoever has a higher one keeps the proof; null: nothing was changed under any. */
  readonly epoch: number | null;
}

/** Names of the servers that have it; and of those that have not, with what went wrong. */
interface Copies {
  readonly kept: readonly string[];
  readonly unkept: readonly Unkept[];
}

export interface Unkept {
  readonly host: string;
  readonly error: unknown;
}

/** Beside the journal, for `cutover proof`. What fails on one server fails on no other. */
export async function keepProof(
  hosts: readonly HostEnd[],
  { id, epoch }: Keeping,
  about: Omit<Kept, "keptAt">,
): Promise<Copies> {
  const text = keptText({ ...about, keptAt: Date.now() });
  const ends = hosts.slice(0, copies);
  const asked = await Promise.allSettled(
    ends.map((end) => within(end.saveProof(id, text, epoch), keepMs, "it was not written")),
  );
  const told = asked.map((one, i) => ({ host: ends[i]?.name ?? "", one }));
  return {
    kept: told.flatMap(({ host, one }) => (one.status === "fulfilled" ? [host] : [])),
    unkept: told.flatMap(({ host, one }) =>
      one.status === "rejected" ? [{ host, error: one.reason as unknown }] : [],
    ),
  };
}
