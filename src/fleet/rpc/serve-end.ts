import type { Incoming } from "./call.ts";

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Calls a method of an end as a proxy at the other side asked for it; only those of the table. */
export async function callEnd(
  end: object,
  methods: Readonly<Record<string, "plain" | "live">>,
  { method, params, emit, signal }: Incoming,
): Promise<unknown> {
  const kind = Object.hasOwn(methods, method) ? methods[method] : undefined;
  const found: unknown = kind === undefined ? undefined : Reflect.get(end, method);
  if (typeof found !== "function") throw new Error(`no such method: ${method}`);
  const run: Method = found.bind(end);
  return await (kind === "live" ? run(...params, { emit, signal }) : run(...params));
}
