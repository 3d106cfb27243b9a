import { resolve } from "node:path";
import type { Observed } from "../../plan/fleet.ts";
import { type Exit, exits, isProblem, Problem, withState } from "../../problem.ts";
import type { Io } from "../command.ts";
import { proving } from "../proof/prove.ts";
import { catchUpAim, newReleaseAim } from "./aim.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { converge } from "./converge.ts";
import { lookAt } from "./fleet.ts";
import type { Aim } from "./goal.ts";
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
export async function change(context: Context, io: Io, wanted: Wanted): Promise<Exit> {
  const { wish } = wanted;
  return await underLock(context, "deploy", async () => {
    if (wish === null) return await converge(context, io);
    const prepared = await beforeBegin(() => prepare(context, io, { ...wanted, wish }));
    if (prepared === null) return sayUnchanged(io, wish);
    const { aim, observed } = prepared;
    const about = { ...context, spec: aim.spec, live: liveSpec(context, observed) };
    const result = await proving(about, io, (onlooker) => carryOut(context, io, aim, onlooker));
    await notify(context, io, result);
    return settle(result, io);
  });
}

interface Prepared {
  readonly aim: Aim;
  readonly observed: Observed;
}

/** Everything up to the first record of the journal; null: there is nothing to do. */
async function prepare(
  context: Context,
  io: Io,
  { wish, isForced, plan }: Wanted & { readonly wish: Wish },
): Promise<Prepared | null> {
  await refuseUnfinished(context);
  const [observed] = await Promise.all([lookAt(context, io), refusePreflight(context, io, wish.spec)]);
  if (typeof plan === "string") await refuseStalePlan(resolve(io.cwd, plan), { context, wish, observed });
  const standing = await standingOf(context, observed, wish);
  if (!isForced && standing.release !== null && standing.lagging.length === 0) return null;
  const aim =
    !isForced && standing.release !== null
      ? await catchUpAim(context, io, { observed, release: standing.release })
      : await newReleaseAim(context, io, { observed, wish });
  return { aim, observed };
}

/** A connection that is lost here has interrupted nothing. */
async function beforeBegin<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isProblem(error) || error.detail.code !== "CONNECTION_LOST") throw error;
    const again = new Problem({ ...error.detail, fix: "Check the host and the network, then deploy again." });
    throw withState(again, "Nothing was begun, so what served before goes on.", exits.refused);
  }
}
