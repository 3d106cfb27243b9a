import { isProblem } from "../../problem.ts";
import { lostReason, type Serve } from "./call.ts";
import { type Failure, failureCodes, type Message, type Request } from "./messages.ts";

/** The half of a peer that answers: requests of the other side, each with a signal of its own. */
export interface Answering {
  hear(message: Message): void;
  end(): void;
}

export function openAnswering(send: (message: Message) => void, serve: Serve | undefined): Answering {
  const serving = new Map<number, AbortController>();
  const answer = async ({ id, method, params }: Request): Promise<void> => {
    const control = new AbortController();
    serving.set(id, control);
    try {
      if (serve === undefined) throw new Error(`asked for ${method}, but this side only asks`);
      const result = await serve({
        method,
        params,
        emit: (event) => send({ notice: "emit", of: id, event }),
        signal: control.signal,
      });
      send({ id, result: result ?? null });
    } catch (error) {
      send({ id, error: failureOf(error) });
    } finally {
      serving.delete(id);
    }
  };
  return {
    hear(message) {
      if ("method" in message) void answer(message);
      else if ("notice" in message && message.notice === "cancel") serving.get(message.of)?.abort();
    },
    end() {
      for (const control of serving.values()) control.abort(lostReason);
    },
  };
}

function failureOf(error: unknown): Failure["error"] {
  if (isProblem(error)) return { code: failureCodes.problem, message: error.message, problem: error.detail };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: failureCodes.bug, message, stack };
}
