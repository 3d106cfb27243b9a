import { Problem, exits } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { SupervisorEvent } from "../../process/protocol.ts";
import type { Io } from "../command.ts";
import { labelOf } from "./label.ts";

/** While `work` runs, what the supervisor does for the services of `keys` is told: live on a terminal, as lines elsewhere. */
export async function withProgress<Result>(
  client: SupervisorClient,
  keys: ReadonlySet<string>,
  io: Io,
  work: () => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const telling = tellEvents(client, keys, io, over.signal);
  try {
    return await Promise.race([work(), interruption(io.signal)]);
  } finally {
    over.abort();
    await telling;
  }
}

/** The supervisor does not need us to finish: whoever interrupts only stops waiting. */
function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => {
      reject(
        new Problem({
          code: "INTERRUPTED",
          what: "Nobody waits for the end any more.",
          fix: 'See how it ended with "cutover list".',
          state:
            "The supervisor goes on by itself; what serves is not ended before its successor is checked.",
          exit: exits.interrupted,
        }),
      );
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}

async function tellEvents(
  client: SupervisorClient,
  keys: ReadonlySet<string>,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of client.events(signal)) {
      if (keys.has(event.key)) tell(event, io);
    }
  } catch {
    // Only the telling ends: the work has its own connection and its own errors.
  }
}

function tell(event: SupervisorEvent, io: Io): void {
  const text = textOf(event);
  if (text === undefined || text.endsWith(" parked")) return;
  if (event.event === "finding" || !io.isTerminal) io.emit({ event: "note", text });
  else io.emit({ event: "hold", why: text, until: 0 });
}

/** Of the service itself only the result is told, by whoever waits for it. */
function textOf(event: SupervisorEvent): string | undefined {
  const label = labelOfKey(event.key);
  switch (event.event) {
    case "instance":
      return `${label}: instance ${String(event.instance.slot)} (${event.instance.release.split("~")[0] ?? ""}) ${event.why}`;
    case "service":
      return undefined;
    case "finding":
      return `${label}: the log says "${event.line}"`;
  }
}

function labelOfKey(key: string): string {
  const [app = "", name = ""] = key.split("/");
  return labelOf({ app, name });
}
