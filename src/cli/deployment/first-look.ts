import { findUnended, newestDamage } from "../../execute/history.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";
import { lookAt } from "./fleet.ts";
import { lockNow } from "./now.ts";
import { type KnownSettings, standingOf } from "./unchanged.ts";
import { recentHistory } from "./unfinished.ts";
import type { Wish } from "./wish.ts";

/**
 * Whether there is nothing to do: asked of all at once and without a lock, since nothing is changed. Where anything else goes on
 * (somebody deploys, a deployment is unfinished, the app is locked) it is not for this look to say.
 */
export async function isAllLive(context: Context, io: Io, wanted: Promise<Wish>): Promise<boolean> {
  const [wish, observed, settings, history, { holder, byHand }] = await Promise.all([
    wanted,
    lookAt(context, io),
    settingsOfLive(context),
    recentHistory(context),
    lockNow(context),
  ]);
  if (holder !== null || byHand !== null) return false;
  if (findUnended(history) !== null || newestDamage(history) !== null) return false;
  const { release, lagging } = await standingOf(context, observed, wish, settings);
  return release !== null && lagging.length === 0;
}

async function settingsOfLive({ hosts }: Context): Promise<KnownSettings> {
  const found = await Promise.all(
    hosts.map(async (end) => [end.name, await end.liveSettings().catch(() => null)] as const),
  );
  return new Map(found.flatMap(([name, live]) => (live === null ? [] : [[name, live]])));
}
