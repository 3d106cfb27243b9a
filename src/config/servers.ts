import type { RawConfig, RawServer } from "./raw.ts";

export interface Server {
  /** For ssh: [user@]host[:port]. */
  readonly destination: string;
  /** The destination without user and port: what effects, tables and messages call it. */
  readonly name: string;
  /** As the balancer knows it, where that is not the name. */
  readonly address?: string | undefined;
}

/** All of `servers:`, the halves one after the other; empty: this machine. */
export function serversOf({ servers = [] }: Pick<RawConfig, "servers">): readonly Server[] {
  return (isList(servers) ? servers : Object.values(servers).flat()).map(toServer);
}

/** Name of a half -> the names of its servers; undefined when they are a plain list. */
export function halvesOf({
  servers,
}: Pick<RawConfig, "servers">): Readonly<Record<string, readonly string[]>> | undefined {
  if (servers === undefined || isList(servers)) return undefined;
  const halves = Object.entries(servers).map(([half, entries]) => [
    half,
    entries.map((entry) => toServer(entry).name),
  ]);
  return Object.fromEntries(halves);
}

function toServer(entry: RawServer): Server {
  const { host: destination, address } = typeof entry === "string" ? { host: entry } : { ...entry };
  return { destination, name: nameOf(destination), address };
}

function nameOf(destination: string): string {
  return destination
    .replace(/^[^@]*@/, "")
    .replace(/(?<=^[^:]*|\]):\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
}

function isList<T>(value: readonly T[] | Readonly<Record<string, readonly T[]>>): value is readonly T[] {
  return Array.isArray(value);
}
