import type { HostEnd } from "../../fleet/end.ts";
import { type Kept, keptText } from "./kept.ts";

/** As many copies as there are of the journal. */
const copies = 3;

export interface Keeping {
  readonly id: string;
  /** Whoever has a higher one keeps the proof; null: nothing was changed under any. */
  readonly epoch: number | null;
}

/** Beside the journal, for `cutover proof`. */
export async function keepProof(
  hosts: readonly HostEnd[],
  { id, epoch }: Keeping,
  kept: Omit<Kept, "keptAt">,
): Promise<void> {
  const text = keptText({ ...kept, keptAt: Date.now() });
  await Promise.all(hosts.slice(0, copies).map((end) => end.saveProof(id, text, epoch)));
}
