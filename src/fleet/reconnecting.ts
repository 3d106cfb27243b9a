import { isProblem } from "../problem.ts";
import type { Json } from "./rpc/messages.ts";
import type { Methods } from "./rpc/methods.ts";
import { type Known, standIn } from "./stand-in.ts";

/**
 * An end that survives its connection: the call during which it is lost fails, the next one connects again. What it held by
 * the connection is taken again where it is free; where somebody else has it, the epoch says who is in charge.
 */
export function reconnecting<End extends Known>(
  methods: Methods<End>,
  first: End,
  open: () => Promise<End>,
): End {
  let end: Promise<Json> | null = Promise.resolve(first);
  let lock: readonly Json[] | null = null;
  const present = (): Promise<Json> => {
    if (end !== null) return end;
    const trial = open().then(async (opened: Json) => {
      if (lock !== null) await opened.holdLock(...lock).catch(() => undefined);
      return opened;
    });
    end = trial;
    trial.catch(() => (end = null));
    return trial;
  };
  const call = async (method: string, args: readonly Json[]): Promise<Json> => {
    const used = present();
    try {
      const answer: Json = await (await used)[method](...args);
      if (method === "holdLock") lock = args;
      if (method === "releaseLock") lock = null;
      return answer;
    } catch (error) {
      if (isProblem(error) && error.detail.code === "CONNECTION_LOST" && end === used) end = null;
      throw error;
    }
  };
  const close = async (): Promise<void> => {
    const last = end;
    lock = null;
    if (last !== null) await (await last.catch(() => null))?.close();
  };
  return standIn(methods, { name: first.name, about: first.about, close }, call);
}
