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
    });
    await reply.body?.cancel();
    if (!reply.ok) warn(`the receiver answered ${reply.status}`);
  } catch (error) {
    warn(causeOf(error));
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `the receiver did not answer within ${timeoutMs / 1000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
