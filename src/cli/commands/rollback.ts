import type { Command } from "../command.ts";
import { carryOut } from "../deployment/carry-out.ts";
import { openContext } from "../deployment/context.ts";
import { lookAt } from "../deployment/fleet.ts";
import { underLock } from "../deployment/lock.ts";
import { notify } from "../deployment/notify.ts";
import { settingsOf } from "../deployment/secrets.ts";
import { settle } from "../deployment/settle.ts";
import { chooseTarget } from "../deployment/target.ts";
import { liveSpec } from "../deployment/live-spec.ts";
import { proving } from "../proof/prove.ts";
import { refuseUnfinished } from "../deployment/unfinished.ts";

export const command: Command = {
  summary: "go back to the previous live release, its env included, through the same checks",
  usage: "[RELEASE]",
  positionals: 1,
  options: {},
  async run(input, io) {
    await using context = await openContext(input, io, "write");
    return await underLock(context, "rollback", async () => {
      await refuseUnfinished(context);
      const observed = await lookAt(context, io);
      const target = chooseTarget(observed, input.positionals[0]);
      const { spec } = await settingsOf(context, io, target.id);
      const aim = {
        kind: "rollback",
        release: target.id,
        revision: target.revision ?? target.id,
        envDigest: target.envDigest ?? null,
        spec,
      } as const;
      const about = { ...context, spec, live: liveSpec(context, observed) };
      const result = await proving(about, io, (onlooker) => carryOut(context, io, aim, onlooker));
      await notify(context, io, result);
      return settle(result, io);
    });
  },
};
