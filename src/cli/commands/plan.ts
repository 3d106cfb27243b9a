import { planDeployment } from "../../plan/plan.ts";
import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { plannedAim } from "../deployment/aim.ts";
import { openContext } from "../deployment/context.ts";
import { compareEnv, describeEnvChange } from "../deployment/env-change.ts";
import { lookAt } from "../deployment/fleet.ts";
import { goalFor } from "../deployment/goal.ts";
import { savePlan } from "../deployment/saved-plan.ts";
import { noteBalancers } from "../deployment/preflight.ts";
import { settingsOf } from "../deployment/secrets.ts";
import { sayUnchanged, standingOf } from "../deployment/unchanged.ts";
import { refuseUnfinished } from "../deployment/unfinished.ts";
import { readWish } from "../deployment/wish.ts";
import { planText } from "../present/plan-text.ts";
import { renderDetails } from "../present/table.ts";

export const command: Command = {
  summary: "what deploy would do; touches nothing",
  usage: "[REF] [--out FILE] [--exit-code]",
  positionals: 1,
  options: {
    out: { type: "string", value: "FILE", about: "keep it, for deploy --plan FILE" },
    "exit-code": { type: "boolean", about: "exit 10 when there are changes" },
  },
  async run(input, io) {
    await using context = await openContext(input, io, "read");
    const [wish, observed] = await Promise.all([
      readWish(context, io, input.positionals[0]),
      lookAt(context, io),
      refuseUnfinished(context),
    ]);
    const standing = await standingOf(context, observed, wish);
    if (standing.release !== null && standing.lagging.length === 0) return sayUnchanged(io, wish);

    const aim = await plannedAim(context, { observed, wish, standing });
    const goal = await goalFor(context, aim, { id: "plan", observed });
    const { release } = goal;
    const plan = planDeployment(goal, observed);
    const { steps, base } = plan;
    const live =
      goal.previous === null ? null : await settingsOf(context, io, goal.previous).catch(() => null);
    const env = compareEnv(live, wish);
    io.print(
      `${renderDetails(
        [
          ["app", `${context.app} on ${context.where}`],
          ["live now", goal.previous ?? "nothing"],
          ["revision", wish.label],
          ["env", describeEnvChange(env)],
          ["migration", wish.spec.migrate?.run ?? "none"],
        ],
        80,
      )}\n`,
    );
    for (const line of (await noteBalancers(context, io)).flatMap(({ evidence }) => evidence ?? []))
      io.print(line);
    io.print(planText(plan, 80));
    const { revision, envDigest } = wish;
    if (typeof input.flags.out === "string")
      await savePlan(io.cwd, input.flags.out, { app: context.app, revision, envDigest, base });
    io.result({ changed: true, release, previous: goal.previous, revision, env, steps, base });
    return input.flags["exit-code"] === true ? exits.changes : exits.done;
  },
};
