import { type Exit, exits, Problem } from "../../problem.ts";
import type { Io } from "../command.ts";
import { catchUpAim } from "./aim.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { lookAt } from "./fleet.ts";
import { liveOnMost } from "./live.ts";
import { notify } from "./notify.ts";
import { refusePreflight } from "./preflight.ts";
import { settingsOf } from "./secrets.ts";
import { proving } from "../proof/prove.ts";
import { settle } from "./settle.ts";
import { refuseUnfinished } from "./unfinished.ts";

/** Servers without the live release get it, whatever the source is at; the others are not touched. Problem: NOTHING_LIVE. */
export async function converge(context: Context, io: Io): Promise<Exit> {
  await refuseUnfinished(context);
  const observed = await lookAt(context, io);
  const release = liveOnMost(observed.hosts);
  if (release === null) throw nothingLive(context);
  if (observed.hosts.every(({ current }) => current === release)) {
    io.print(`Nothing to do: release ${release} is live on every server.`);
    io.result({ changed: false, release });
    return exits.done;
  }
  const { spec } = await settingsOf(context, io, release);
  await refusePreflight(context, io, spec);
  const aim = await catchUpAim(context, io, { observed, release });
  const about = { ...context, spec, live: Promise.resolve(spec) };
  const result = await proving(about, io, (onlooker) => carryOut(context, io, aim, onlooker));
  await notify(context, io, result);
  return settle(result, io);
}

function nothingLive({ app, where }: Context): Problem {
  return new Problem({
    code: "NOTHING_LIVE",
    what: `No release of ${app} is live on ${where}, so there is nothing to catch up with.`,
    fix: "cutover deploy makes the first release.",
    exit: exits.refused,
  });
}
