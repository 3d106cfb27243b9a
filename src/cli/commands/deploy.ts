import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { catchUpAim, newReleaseAim } from "../deployment/aim.ts";
import { carryOut } from "../deployment/carry-out.ts";
import { converge } from "../deployment/converge.ts";
import { openContext } from "../deployment/context.ts";
import { lookAt } from "../deployment/fleet.ts";
import { underLock } from "../deployment/lock.ts";
import { notify } from "../deployment/notify.ts";
import { refuseFrozen, refusePreflight } from "../deployment/preflight.ts";
import { refuseStalePlan } from "../deployment/saved-plan.ts";
import { refuseUnfinished } from "../deployment/unfinished.ts";
import { sayUnchanged, standingOf } from "../deployment/unchanged.ts";
import { proving } from "../proof/prove.ts";
import { settle } from "../deployment/settle.ts";
import { sendSource } from "../deployment/upload.ts";
import { readWish } from "../deployment/wish.ts";

export const command: Command = {
  summary: "deploy a new release: stage, check, switch, drain",
  usage: "[REF] [--dry-run] [--plan FILE] [--force] [--converge] [--ignore-freeze]",
  positionals: 1,
  options: {
    "dry-run": { type: "boolean", about: "only show what would happen, as plan does" },
    plan: { type: "string", value: "FILE", about: "only if what plan --out showed still holds" },
    force: { type: "boolean", about: "make a new release although nothing changed" },
    converge: { type: "boolean", about: "only servers that lack the live release; no new one is made" },
    "ignore-freeze": { type: "boolean", about: "deploy within a freeze window" },
  },
  async run(input, io) {
    if (input.flags["dry-run"] === true) return await (await import("./plan.ts")).command.run(input, io);
    await using context = await openContext(input, io, "write");
    refuseFrozen(context, input.flags["ignore-freeze"] === true);
    return await underLock(context, "deploy", async () => {
      if (input.flags.converge === true) return await converge(context, io);
      const [wish] = await Promise.all([
        readWish(context, io, input.positionals[0]),
        refuseUnfinished(context),
      ]);
      const [observed] = await Promise.all([lookAt(context, io), refusePreflight(context, io, wish.spec)]);
      if (typeof input.flags.plan === "string")
        await refuseStalePlan(resolve(io.cwd, input.flags.plan), { context, wish, observed });
      const standing = await standingOf(context, observed, wish);
      const isForced = input.flags.force === true;
      if (!isForced && standing.release !== null && standing.lagging.length === 0)
        return sayUnchanged(io, wish);
      await sendSource(context, io, { local: wish.local, source: wish.spec.release.source });
      const aim =
        !isForced && standing.release !== null
          ? await catchUpAim(context, observed, standing.release)
          : await newReleaseAim(context, observed, wish);
      const result = await proving({ ...context, spec: aim.spec }, io, (io) => carryOut(context, io, aim));
      await notify(context, io, result);
      return settle(result, io);
    });
  },
};
