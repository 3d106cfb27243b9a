import type { About } from "../end.ts";
import type { Json } from "./messages.ts";
import type { Methods } from "./methods.ts";
import type { Peer } from "./peer.ts";

interface Known {
  readonly name: string;
  readonly about: About;
  close(): Promise<void>;
}

/** An end at the other side of a connection, `index` of those opened there; every method is a request. */
export function proxyEnd<End extends Known>(
  peer: Pick<Peer, "call">,
  methods: Methods<End>,
  known: Known & { readonly index: number },
): End {
  const { index, ...own } = known;
  const calls: Json = Object.fromEntries(
    Object.entries(methods).map(([method, kind]) => [
      method,
      async (...args: readonly Json[]) => {
        const live = kind === "live" ? args.at(-1) : undefined;
        const params = kind === "live" ? args.slice(0, -1) : args;
        return await peer.call(`${index}.${method}`, params, live);
      },
    ]),
  );
  return { ...own, ...calls };
}
