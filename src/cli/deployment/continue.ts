import type { Exit } from "../../problem.ts";
import type { CommandInput, Io } from "../command.ts";
import { goOn } from "./carry-out.ts";
import { openContext } from "./context.ts";
import { unfinishedGoal } from "./latest.ts";
import { underLock } from "./lock.ts";
import { openMachine } from "./machine.ts";
import { notify } from "./notify.ts";
import { noteSecrets } from "./secrets.ts";
import { settle } from "./settle.ts";

/** resume and abort: the same loop over the same journal, with another wish in it. */
export async function continueDeployment(
  input: CommandInput,
  io: Io,
  command: "resume" | "abort",
): Promise<Exit> {
  const context = await openContext(input, io, "write");
  return await underLock(context, command, async () => {
    const goal = await unfinishedGoal(context);
    for (const release of [goal.release, goal.previous])
      if (release !== null)
        await context.shelf.load(release).then(
          (shelved) => noteSecrets(io, shelved),
          () => null,
        );
    const machine = await openMachine(context, io);
    const result = await goOn(context, machine, io, { goal, command });
    await notify(context, io, result);
    return settle(result, io, command);
  });
}
