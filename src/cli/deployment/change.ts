import { resolve } from "node:path";
import type { Exit } from "../../problem.ts";
import type { Io } from "../command.ts";
import { proving } from "../proof/prove.ts";
import { catchUpAim, newReleaseAim } from "./aim.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { converge } from "./converge.ts";
import { lookAt } from "./fleet.ts";
import { liveSpec } from "./live-spec.ts";
import { underLock } from "./lock.ts";
import { notify } from "./notify.ts";
import { refusePreflight } from "./preflight.ts";
import { refuseStalePlan } from "./saved-plan.ts";
import { settle } from "./settle.ts";
import { sayUnchanged, standingOf } from "./unchanged.ts";
import { refuseUnfinished } from "./unfinished.ts";
import type { Wish } from "./wish.ts";

interface Wanted {
  /** null: what is live, on the servers that lack it. */
  readonly wish: Wish | null;
  readonly isForced: boolean;
  /** File of a saved plan that has to hold still. */
  readonly plan: unknown;
}

/** The whole deployment, as the only one. */
export async function change(context: Context, io: Io, { wish, isForced, plan }: Wanted): Promise<Exit> {
  return await underLock(context, "deploy", async () => {
    if (wish === null) return await converge(context, io);
    await refuseUnfinished(context);
    const [observed] = await Promise.all([lookAt(context, io), refusePreflight(context, io, wish.spec)]);
    if (typeof plan === "string") await refuseStalePlan(resolve(io.cwd, plan), { context, wish, observed });
    const standing = await standingOf(context, observed, wish);
    if (!isForced && standing.release !== null && standing.lagging.length === 0)
      return sayUnchanged(io, wish);
    const aim =
      !isForced && standing.release !== null
        ? await catchUpAim(context, io, { observed, release: standing.release })
        : await newReleaseAim(context, io, { observed, wish });
    const about = { ...context, spec: aim.spec, live: liveSpec(context, observed) };
    const result = await proving(about, io, (before) => carryOut(context, io, aim, before));
    await notify(context, io, result);
    return settle(result, io);
  });
}
