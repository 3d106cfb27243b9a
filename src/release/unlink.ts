import { unlink } from "node:fs/promises";
import { syncDirectory } from "./durable.ts";
import { hasCode } from "./file-problem.ts";
import { type Place, refuseForeignCurrent } from "./place.ts";

/** Nothing is live any more: the undo of a first deployment. Safe to repeat. */
export async function unlinkCurrent(place: Place): Promise<readonly string[]> {
  await refuseForeignCurrent(place);
  try {
    await unlink(place.current);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  await syncDirectory(place.path);
  return [];
}
