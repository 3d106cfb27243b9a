import type { Emit } from "../../plan/event.ts";
import { Problem } from "../../problem.ts";
import type { CallLive } from "./call.ts";
import type { Failure, Json, Message } from "./messages.ts";

interface Pending {
  readonly resolve: (value: Json) => void;
  readonly reject: (error: Error) => void;
  readonly emit: Emit | undefined;
}

/** The half of a peer that asks: requests under way, their events and their answers. */
export interface Asking {
  call(method: string, params: readonly Json[], live?: CallLive): Promise<Json>;
  /** Whether the message was an answer, or an event of a request. */
  hear(message: Message): boolean;
  end(problem: Problem): void;
}

export function openAsking(send: (message: Message) => void): Asking {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  return {
    async call(method, params, live) {
      const id = ++lastId;
      const answer = new Promise<Json>((resolve, reject) =>
        pending.set(id, { resolve, reject, emit: live?.emit }),
      );
      send({ id, method, params });
      const cancel = (): void => send({ notice: "cancel", of: id });
      if (live?.signal?.aborted === true) cancel();
      live?.signal?.addEventListener("abort", cancel, { once: true });
      try {
        return await answer;
      } finally {
        live?.signal?.removeEventListener("abort", cancel);
      }
    },
    hear(message) {
      if ("notice" in message) {
        if (message.notice === "emit") pending.get(message.of)?.emit?.(message.event);
        return message.notice === "emit";
      }
      if ("method" in message) return false;
      const asked = pending.get(message.id);
      pending.delete(message.id);
      if ("error" in message) asked?.reject(errorOf(message.error));
      else asked?.resolve(message.result);
      return true;
    },
    end(problem) {
      for (const asked of pending.values()) asked.reject(problem);
      pending.clear();
    },
  };
}

/** A bug at the other end is one here, with the stack of there. */
function errorOf(error: Failure["error"]): Error {
  if (error.problem !== undefined) return new Problem(error.problem);
  const bug = new Error(error.message);
  if (error.stack !== undefined) bug.stack = error.stack;
  return bug;
}
