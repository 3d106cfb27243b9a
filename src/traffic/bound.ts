import type { Frontend } from "../plan/traffic.ts";

export type Bound = Pick<Frontend, "port" | "address">;

const wildcards: ReadonlySet<string> = new Set(["", "*", "0.0.0.0", "::"]);

/** Of "address:port", as balancers write what they listen on; null: it is something else, like a socket or many ports. */
export function readBound(text: string): Bound | null {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(text) ?? [];
  if (port === "") return null;
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (wildcards.has(address)) return { port: Number(port) };
  return /^[\w.:-]+$/.test(address) ? { port: Number(port), address } : null;
}
