import { planDeployment } from "../../plan/plan.ts";
import { exits } from "../../problem.ts";
import { formatReleaseId } from "../../release/release-id.ts";
import type { Command } from "../command.ts";
import { goalFor } from "../deployment/carry-out.ts";
import { openContext } from "../deployment/context.ts";
import { compareEnv, describeEnvChange } from "../deployment/env-change.ts";
import { lookAt } from "../deployment/look.ts";
import { savePlan } from "../deployment/saved-plan.ts";
import { isUnchanged, sayUnchanged } from "../deployment/unchanged.ts";
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
    const context = await openContext(input, io, "read");
    await refuseUnfinished(context);
    const wish = await readWish(context, io, input.positionals[0]);
    const observed = await lookAt(context, io);
    if (await isUnchanged(context, observed, wish)) return sayUnchanged(io, wish);

    const release = formatReleaseId(new Date());
    const goal = await goalFor(context, { kind: "deploy", release, ...wish }, { id: "plan", observed });
    const plan = planDeployment(goal, observed);
    const { steps, base } = plan;
    const live = goal.previous === null ? null : await context.shelf.load(goal.previous).catch(() => null);
    const env = compareEnv(live, wish);
    io.print(
      `${renderDetails(
        [
          ["app", `${context.app} on ${context.host}`],
          ["live now", goal.previous ?? "nothing"],
          ["revision", wish.label],
          ["env", describeEnvChange(env)],
          ["migration", wish.spec.migrate?.run ?? "none"],
        ],
        80,
      )}\n`,
    );
    io.print(planText(plan, 80));
    const { revision, envDigest } = wish;
    if (typeof input.flags.out === "string")
      await savePlan(io.cwd, input.flags.out, { app: context.app, revision, envDigest, base });
    io.result({ changed: true, release, previous: goal.previous, revision, env, steps, base });
    return input.flags["exit-code"] === true ? exits.changes : exits.done;
  },
};
