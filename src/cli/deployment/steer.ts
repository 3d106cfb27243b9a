import { setTimeout as delay } from "node:timers/promises";
import { readRecords } from "../../execute/history.ts";
import { foldFacts } from "../../plan/facts.ts";
import type { Wish } from "../../plan/fleet.ts";
import type { Goal } from "../../plan/record.ts";
import { type Exit, exits } from "../../problem.ts";
import type { CommandInput, Io } from "../command.ts";
import { type Context, openContext } from "./context.ts";
import { continueDeployment } from "./continue.ts";
import { unfinishedGoal } from "./latest.ts";
import { deploymentNow } from "./now.ts";

const answerMs = 15_000;
const pollMs = 250;

/**
 * Asks whoever deploys now; where nobody does, or whoever did is gone without an answer, does it here, from the journal.
 * Problem: NOTHING_UNFINISHED (exit 3).
 */
export async function steer(input: CommandInput, io: Io, command: Wish["command"]): Promise<Exit> {
  const asked = await askOperator(input, io, command);
  return asked ? exits.done : await continueDeployment(input, io, command);
}

/** false: nobody is in charge. */
async function askOperator(input: CommandInput, io: Io, command: Wish["command"]): Promise<boolean> {
  await using context = await openContext(input, io, "read");
  const { holder } = await deploymentNow(context);
  if (holder === null) return false;
  const goal = await unfinishedGoal(context);
  const { id } = goal;
  const wish: Wish = { deployment: id, command, operator: context.operator };
  await Promise.all(context.hosts.map((end) => end.leaveWish(wish)));
  const answer = await waitForAnswer(context, wish);
  if (answer === "gone") {
    await Promise.all(context.hosts.map((end) => end.clearWish(wish).catch(() => undefined)));
    return false;
  }
  io.print(
    answer === "taken"
      ? `${holder.operator} deploys, and has taken it up: ${await follows(context, goal, command)}`
      : `${holder.operator} deploys and has not looked yet; it is left there for the next look.`,
  );
  io.result({ deployment: id, command, asked: holder.operator, taken: answer === "taken" });
  return true;
}

const told: Readonly<Record<Wish["command"], string>> = {
  promote: "the present step is not waited for any longer.",
  pause: "the deployment stops where it is.",
  abort: "the deployment goes back.",
};

async function follows(context: Context, { id, release }: Goal, command: Wish["command"]): Promise<string> {
  if (command !== "promote") return told[command];
  const { switchedAt, promoted } = foldFacts(await readRecords(context.anchors, id).catch(() => []));
  if (switchedAt === null || promoted) return told.promote;
  return `release ${release} is in its bake time, which is watched to its end whatever is asked for.`;
}

/** The operator in charge takes a wish away once it is in the journal. gone: nobody is in charge any more. */
async function waitForAnswer(
  { hosts }: Context,
  { deployment, command }: Wish,
): Promise<"taken" | "silent" | "gone"> {
  const deadline = performance.now() + answerMs;
  for (;;) {
    const [views, locks] = await Promise.all([
      Promise.all(hosts.map((end) => end.observe().catch(() => null))),
      Promise.all(hosts.map((end) => end.lockState().catch(() => null))),
    ]);
    const isLeft = views.some(
      (view) => view?.wish?.deployment === deployment && view.wish.command === command,
    );
    if (!isLeft) return "taken";
    if (locks.every((lock) => lock?.holder === null)) return "gone";
    if (performance.now() > deadline) return "silent";
    await delay(pollMs);
  }
}
