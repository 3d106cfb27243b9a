import type { Result } from "../../execute/loop.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

const timeoutMs = 10_000;

type Occasion = "failure" | "rollback" | "success";

/** Tells the configured webhooks how it ended. What goes wrong here warns, and fails nothing. */
export async function notify(context: Context, io: Io, result: Result): Promise<void> {
  const wanted = context.config.notify;
  if (wanted === undefined || !wanted.on.includes(occasionOf(result))) return;
  const { webhook, slack } = wanted;
  const { goal, end, problem, ms } = result;
  const { id, kind, release, previous } = goal;
  const message = { app: context.app, host: context.where, id, kind, release, previous, end, ms };
  await Promise.all([
    send(io, "notify.webhook", webhook, {
      ...message,
      problem: problem === undefined ? null : io.redact(problem.what),
    }),
    send(io, "notify.slack", slack, { text: io.redact(sentence(context, result)) }),
  ]);
}

function occasionOf({ goal, end }: Result): Occasion {
  if (end !== "new") return "failure";
  return goal.kind === "rollback" ? "rollback" : "success";
}

function sentence(context: Context, { goal, end, problem }: Result): string {
  const what = goal.kind === "rollback" ? "rolled back to" : "deployed";
  const where = `${context.app} on ${context.where}`;
  if (end === "new") return `${where}: ${what} release ${goal.release}`;
  const serving = end === "old" ? `, release ${goal.previous ?? "none"} serves` : ", attention needed";
  return `${where}: release ${goal.release} was not ${what}${serving}. ${problem?.what ?? ""}`.trim();
}

async function send(io: Io, key: string, value: string | undefined, body: object): Promise<void> {
  if (value === undefined) return;
  const name = /^\$\{?(\w+)\}?$/.exec(value)?.[1];
  const url = name === undefined ? value : io.env[name];
  if (url === undefined || url === "") return warn(io, key, `${value} has no value in the environment`);
  io.secret(url);
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!reply.ok) warn(io, key, `the receiver answered ${reply.status}`);
  } catch (error) {
    warn(io, key, causeOf(error));
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function warn(io: Io, key: string, why: string): void {
  const problem = {
    code: "NOTIFY_FAILED",
    what: `The notification could not be sent: ${why}.`,
    fix: `Check ${key} in cutover.yml.`,
    state: "The deployment itself is not affected.",
  };
  io.emit({ event: "warning", problem });
}
