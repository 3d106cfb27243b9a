import { noteSecrets } from "../deployment/secrets.ts";
import type { Command } from "../command.ts";
import { carryOut } from "../deployment/carry-out.ts";
import { openContext } from "../deployment/context.ts";
import { underLock } from "../deployment/lock.ts";
import { openMachine } from "../deployment/machine.ts";
import { notify } from "../deployment/notify.ts";
import { settle } from "../deployment/settle.ts";
import { chooseTarget } from "../deployment/target.ts";
import { refuseUnfinished } from "../deployment/unfinished.ts";

export const command: Command = {
  summary: "go back to the previous live release, its env included, through the same checks",
  usage: "[RELEASE]",
  positionals: 1,
  options: {},
  async run(input, io) {
    const context = await openContext(input, io, "write");
    return await underLock(context, "rollback", async () => {
      await refuseUnfinished(context);
      const target = await chooseTarget(context, input.positionals[0]);
      const shelved = await context.shelf.load(target.id);
      noteSecrets(io, shelved);
      const machine = await openMachine(context, io);
      const result = await carryOut(context, machine, io, {
        kind: "rollback",
        release: target.id,
        revision: target.revision ?? target.id,
        envDigest: target.envDigest ?? null,
        spec: shelved.spec,
      });
      await notify(context, io, result);
      return settle(result, io);
    });
  },
};
