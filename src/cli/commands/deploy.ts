import type { Command } from "../command.ts";
import { openContext } from "../deployment/context.ts";
import { isAllLive } from "../deployment/first-look.ts";
import { refuseFrozen } from "../deployment/preflight.ts";
import { sayUnchanged } from "../deployment/unchanged.ts";
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
    const { force, plan, converge } = input.flags;
    const reading = converge === true ? null : readWish(context, io, input.positionals[0]);
    const mayBeLive = reading !== null && force !== true && plan === undefined;
    const isLive = mayBeLive && (await isAllLive(context, io, reading));
    const wish = await reading;
    if (isLive && wish !== null) return sayUnchanged(io, wish);
    const { change } = await import("../deployment/change.ts");
    return await change(context, io, { wish, isForced: force === true, plan });
  },
};
