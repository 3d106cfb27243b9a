import type { Result } from "../../execute/loop.ts";
import type { Io } from "../command.ts";
import { plainMessage, slackMessage } from "../notify/message.ts";
import { receiversOf } from "../notify/receiver.ts";
import { send } from "../notify/send.ts";
import type { Proved } from "../proof/prove.ts";
import type { Context } from "./context.ts";
import { summarise } from "./summarise.ts";

type Occasion = "failure" | "rollback" | "success";

/** Tells the configured webhooks, and the job this runs in, how it ended. What goes wrong here warns, and fails nothing. */
export async function notify(context: Context, io: Io, result: Proved): Promise<void> {
  await Promise.all([tellReceivers(context, io, result), summarise(context, io, result)]);
}

async function tellReceivers(context: Context, io: Io, result: Proved): Promise<void> {
  const { config, app, where, operator } = context;
  if (config.notify?.on.includes(occasionOf(result)) !== true) return;
  const told = { app, stage: config.stage, where, operator, result, measured: result.measured };
  await Promise.all(
    receiversOf(config, io).map((receiver) =>
      send(io, receiver, receiver.kind === "slack" ? slackMessage(told) : plainMessage(told)),
    ),
  );
}

function occasionOf({ goal, end }: Result): Occasion {
  if (end !== "new") return "failure";
  return goal.kind === "rollback" ? "rollback" : "success";
}
