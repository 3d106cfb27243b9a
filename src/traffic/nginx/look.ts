import { stat } from "node:fs/promises";
import { print } from "./command.ts";
import type { Frontend } from "../../plan/traffic.ts";
import { readDump } from "./dump.ts";
import { frontendsOf } from "./frontends.ts";
import { extraServer, notLoadable, unknownBackend, unknownServer, noCommand } from "./problems.ts";
import type { Backend, Setup } from "./setup.ts";
import type { Directive } from "./tokens.ts";
import { type Method, methodOf } from "./division.ts";
import { type Wiring, readWiring } from "./wiring.ts";

/** One upstream as the operator has configured it. */
export interface Upstream {
  readonly backend: Backend;
  /** Server of the goal -> its line. */
  readonly servers: Readonly<Record<string, ServerLine>>;
  /** Lines of servers that only help out. */
  readonly spares: readonly (readonly string[])[];
  /** Everything else: method, keepalive and so on. */
  readonly directives: readonly (readonly string[])[];
  /** How it chooses a server, where that is not by turns. */
  readonly method?: Method | undefined;
}

interface ServerLine {
  /** Without the weight, which is cutover's to say. */
  readonly words: readonly string[];
  readonly address: string;
  readonly weight: number;
}

export interface Configuration {
  readonly upstreams: readonly Upstream[];
  readonly wiring: Wiring;
  readonly frontends: readonly Frontend[];
  /** Paths that nginx reads. */
  readonly files: readonly string[];
}

/** Reads nginx's configuration, again only when a file of it has changed. Problems: TRAFFIC_*. */
export function openLook(setup: Setup): () => Promise<Configuration> {
  let seen: Configuration | undefined;
  let stamp = "";
  return async () => {
    if (seen !== undefined && (await stampOf(seen.files)) === stamp) return seen;
    seen = await look(setup);
    stamp = await stampOf(seen.files);
    return seen;
  };
}

async function stampOf(files: readonly string[]): Promise<string> {
  const times = files.map((file) =>
    stat(file).then(
      ({ mtimeMs, ino }) => `${mtimeMs} ${ino}`,
      () => "none",
    ),
  );
  return (await Promise.all(times)).join("\n");
}

async function look(setup: Setup): Promise<Configuration> {
  const printed = await print(`${setup.command} -T`);
  if (printed.isMissing) throw noCommand(setup, printed.lines);
  if (!printed.isOk) throw notLoadable(setup, printed.lines);
  const own = [setup.include, ...setup.backends.map(({ location }) => location)];
  const dump = readDump(printed.stdout, own);
  const blocks = upstreamBlocks(dump.directives);
  const upstreams = setup.backends.map((backend) => readUpstream(setup, backend, blocks));
  const frontends = frontendsOf(dump.directives, setup.backends);
  return { files: dump.files, upstreams, wiring: readWiring(setup, dump), frontends };
}

function upstreamBlocks(directives: readonly Directive[]): Directive[] {
  return directives.flatMap((directive) =>
    directive.words[0] === "upstream" ? [directive] : upstreamBlocks(directive.block ?? []),
  );
}

function readUpstream(setup: Setup, backend: Backend, blocks: readonly Directive[]): Upstream {
  const block = blocks.find(({ words }) => words[1] === backend.name)?.block;
  if (block === undefined || block === null) throw unknownBackend(setup, backend);
  const lines = block.map(({ words }) => words);
  const all = lines.filter(([first]) => first === "server");
  const own = all.filter((words) => !words.includes("backup"));
  const found = Object.entries(setup.servers).map(([server, known]) => {
    const line = own.find((words) => isServer(words[1] ?? "", known, backend.port));
    if (line === undefined) throw unknownServer(backend, { server, known, lines: own });
    return [server, line] as const;
  });
  const extra = own.find((words) => !words.includes("down") && !found.some(([, line]) => line === words));
  if (extra !== undefined) throw extraServer(backend, extra);
  return {
    backend,
    servers: Object.fromEntries(found.map(([server, line]) => [server, readLine(line)])),
    spares: all.filter((words) => words.includes("backup")),
    method: methodOf(block),
    directives: lines.filter(([first]) => first !== "server" && first !== "keepalive_timeout"),
  };
}

/** A word with a port fits one line; one without fits the line with the service's port, or any line of that host. */
function isServer(address: string, known: readonly string[], port: number): boolean {
  const host = address.replace(/:\d+$/, "");
  return known.some((word) => {
    if (word === address || `${word}:${port}` === address) return true;
    return word === host || `[${word}]` === host;
  });
}

function readLine(words: readonly string[]): ServerLine {
  const weight = words.find((word) => word.startsWith("weight="))?.slice("weight=".length) ?? "1";
  const isDown = words.includes("down");
  return {
    words: words.filter((word) => word !== "down" && !word.startsWith("weight=")),
    address: words[1] ?? "",
    weight: isDown ? 0 : Number(weight),
  };
}
