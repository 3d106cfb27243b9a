import type { About } from "./end.ts";
import type { Json } from "./rpc/messages.ts";
import type { Methods } from "./rpc/methods.ts";

export interface Known {
  readonly name: string;
  readonly about: About;
  close(): Promise<void>;
}

/** An end whose every method is `call`. */
export function standIn<End extends Known>(
  methods: Methods<End>,
  known: Known,
  call: (method: string, args: readonly Json[]) => Promise<Json>,
): End {
  const calls: Json = Object.fromEntries(
    Object.keys(methods).map((method) => [method, (...args: readonly Json[]) => call(method, args)]),
  );
  return { ...known, ...calls };
}
