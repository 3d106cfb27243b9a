import { resolve } from "node:path";
import { newReleaseId } from "../../release/release-id.ts";
import type { Command } from "../command.ts";
import { carryOut } from "../deployment/carry-out.ts";
import { openContext } from "../deployment/context.ts";
import { underLock } from "../deployment/lock.ts";
import { openMachine } from "../deployment/machine.ts";
import { notify } from "../deployment/notify.ts";
import { refuseFrozen, refusePreflight } from "../deployment/preflight.ts";
import { refuseStalePlan } from "../deployment/saved-plan.ts";
import { refuseUnfinished } from "../deployment/unfinished.ts";
import { isUnchanged, sayUnchanged } from "../deployment/unchanged.ts";
import { settle } from "../deployment/settle.ts";
import { readWish } from "../deployment/wish.ts";

export const command: Command = {
  summary: "deploy a new release: stage, check, switch, drain",
  usage: "[REF] [--dry-run] [--plan FILE] [--force] [--ignore-freeze]",
  positionals: 1,
  options: {
    "dry-run": { type: "boolean", about: "only show what would happen, as plan does" },
    plan: { type: "string", value: "FILE", about: "only if what plan --out showed still holds" },
    force: { type: "boolean", about: "make a new release although nothing changed" },
    "ignore-freeze": { type: "boolean", about: "deploy within a freeze window" },
  },
  async run(input, io) {
    if (input.flags["dry-run"] === true) return await (await import("./plan.ts")).command.run(input, io);
    const context = await openContext(input, io, "write");
    refuseFrozen(context, input.flags["ignore-freeze"] === true);
    return await underLock(context, "deploy", async () => {
      await refuseUnfinished(context);
      const wish = await readWish(context, io, input.positionals[0]);
      await refusePreflight(context, io, wish.spec);
      const machine = await openMachine(context, io);
      const observed = await machine.execution.fleet.observe();
      if (typeof input.flags.plan === "string")
        await refuseStalePlan(resolve(io.cwd, input.flags.plan), { context, wish, observed });
      if (input.flags.force !== true && (await isUnchanged(context, observed, wish)))
        return sayUnchanged(io, wish);
      const release = await newReleaseId(context.place, new Date());
      await context.shelf.save(release, { spec: wish.spec, env: wish.env, secrets: wish.secrets });
      const result = await carryOut(context, machine, io, { kind: "deploy", release, ...wish });
      await notify(context, io, result);
      return settle(result, io);
    });
  },
};
