import type { Methods } from "./rpc/methods.ts";
import { type Known, standIn } from "./stand-in.ts";

/** In place of an end that could not be opened, for commands that show what the others say: every call tells why. */
export function unreachableEnd<End extends Known>(
  methods: Methods<End>,
  failure: { readonly name: string; readonly error: unknown },
): End {
  const { name, error } = failure;
  const about = { hostname: name, user: "", node: "", platform: "", version: "" };
  return standIn(methods, { name, about, close: () => Promise.resolve() }, () => Promise.reject(error));
}
