import type { Steering } from "../../execute/loop.ts";
import type { Exit } from "../../problem.ts";
import type { CommandInput, Io } from "../command.ts";
import type { AppSpec } from "../../plan/spec.ts";
import type { Goal } from "../../plan/record.ts";
import { earlierParts } from "../proof/earlier.ts";
import { proving } from "../proof/prove.ts";
import { goOn } from "./carry-out.ts";
import { openContext } from "./context.ts";
import { unfinishedGoal } from "./latest.ts";
import { underLock } from "./lock.ts";
import { notify } from "./notify.ts";
import { settingsOf } from "./secrets.ts";
import { settle } from "./settle.ts";

/** resume, abort, promote, pause: the same loop over the same journal, with another wish in it. */
export async function continueDeployment(input: CommandInput, io: Io, command: Steering): Promise<Exit> {
  await using context = await openContext(input, io, "write");
  return await underLock(context, command, async () => {
    const goal = await unfinishedGoal(context);
    const releases = [goal.release, goal.previous, ...Object.values(goal.previousOn ?? {})];
    for (const release of new Set(releases))
      // A release of another tool has no settings of ours.
      if (release !== null) await settingsOf(context, io, release).catch(() => null);
    const earlier = await earlierParts(context, goal);
    const about = { ...context, spec: goal.spec, live: Promise.resolve(liveSpec(goal)), earlier };
    const result = await proving(about, io, (onlooker) => goOn(context, io, { goal, command }, onlooker));
    await notify(context, io, result);
    return settle(result, io, command);
  });
}

/** undefined: of another tool, whose settings nobody here knows. */
function liveSpec({ previous, previousSpec }: Goal): AppSpec | null | undefined {
  return previous === null ? null : previousSpec;
}
