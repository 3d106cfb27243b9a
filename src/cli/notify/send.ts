import type { Io } from "../command.ts";
import type { Receiver } from "./receiver.ts";

const timeoutMs = 5000;

/** Posts it once, within five seconds. What goes wrong warns, and fails nothing. */
export async function send(io: Io, { kind, written, url }: Receiver, body: object): Promise<void> {
  const warn = (why: string): void => {
    const problem = {
      code: "NOTIFY_FAILED",
      what: `The notification could not be sent: ${why}.`,
      fix: `Check notify.${kind} in cutover.yml.`,
      state: "The deployment itself is not affected.",
    };
    io.emit({ event: "warning", problem });
  };
  if (url === undefined) return warn(`${written} has no value in the environment`);
  const clean = (_: string, value: unknown): unknown =>
    typeof value === "string" ? io.redact(value) : value;
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body, clean),
      signal: AbortSignal.timeout(timeoutMs),
      // Followed, a POST becomes a GET, and the message is lost without a word.
      redirect: "manual",
    });
    await reply.body?.cancel();
    const isMoved = reply.status >= 300 && reply.status < 400;
    const where = isMoved ? ", which leads to another address: name that one" : "";
    if (!reply.ok) warn(`the receiver answered ${reply.status}${where}`);
  } catch (error) {
    warn(causeOf(error));
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `the receiver did not answer within ${timeoutMs / 1000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
