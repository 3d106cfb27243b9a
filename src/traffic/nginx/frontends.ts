import type { Frontend } from "../../plan/traffic.ts";
import { type Bound, readBound } from "../bound.ts";
import { reaches } from "./locations.ts";
import type { Backend } from "./setup.ts";
import type { Directive } from "./tokens.ts";

interface Server {
  readonly block: readonly Directive[];
  readonly listens: readonly Listen[];
}

interface Listen extends Bound {
  readonly isTls: boolean;
  readonly isDefault: boolean;
}

/** Servers that hand the health path of a backend to it. */
export function frontendsOf(
  directives: readonly Directive[],
  backends: readonly Backend[],
): readonly Frontend[] {
  const servers = serverBlocks(directives).map((block) => ({ block, listens: listensOf(block) }));
  const found = servers.flatMap((server) =>
    backends
      .filter((backend) => reaches(server.block, backend))
      .flatMap(({ service }) => reachedBy(server, servers).map((frontend) => ({ service, ...frontend }))),
  );
  const known = new Set<string>();
  return found.filter((one) => known.size < known.add(JSON.stringify(one)).size);
}

function serverBlocks(directives: readonly Directive[]): readonly (readonly Directive[])[] {
  return directives.flatMap(({ words: [name], block }) => {
    if (block === null) return [];
    return name === "server" ? [block] : serverBlocks(block);
  });
}

function listensOf(block: readonly Directive[]): readonly Listen[] {
  const lines = block.flatMap(({ words: [name, ...words] }) => (name === "listen" ? [words] : []));
  return (lines.length === 0 ? [["80"]] : lines).flatMap(([place = "", ...options]) => {
    const bound = readBound(/^\d+$/.test(place) ? `:${place}` : /:\d+$/.test(place) ? place : `${place}:80`);
    // Nobody but another proxy can talk to a port that wants a line about the client first.
    if (bound === null || options.includes("proxy_protocol") || options.includes("quic")) return [];
    const isDefault = options.includes("default_server") || options.includes("default");
    return [{ ...bound, isTls: options.includes("ssl"), isDefault }];
  });
}

/** A server without a name of its own is reached only where it is the one for all others. */
function reachedBy(server: Server, all: readonly Server[]): readonly Omit<Frontend, "service">[] {
  const names = namesOf(server.block);
  return server.listens
    .filter((listen) => names.length > 0 || isForOthers(server, listen, all))
    .map(({ port, address, isTls }) => ({
      port,
      ...(address === undefined ? {} : { address }),
      isTls,
      names,
    }));
}

/** The one that says so, else the first that listens there. */
function isForOthers(server: Server, { port, address }: Listen, all: readonly Server[]): boolean {
  const isThere = (listen: Listen): boolean => listen.port === port && listen.address === address;
  const there = all.filter(({ listens }) => listens.some(isThere));
  const said = there.find(({ listens }) => listens.some((one) => isThere(one) && one.isDefault));
  return (said ?? there[0]) === server;
}

/** nginx takes ".example.com" for the name and all below it. */
function namesOf(block: readonly Directive[]): readonly string[] {
  const all = block.flatMap(({ words: [first, ...names] }) => (first === "server_name" ? names : []));
  return all.map((name) => name.replace(/^\./, "")).filter((name) => /^[a-z\d][a-z\d.-]*$/i.test(name));
}
