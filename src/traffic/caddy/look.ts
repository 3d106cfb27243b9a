import { createHash } from "node:crypto";
import { join } from "node:path";
import { readText } from "../file.ts";
import { type Block, type Directive, parseCaddyfile } from "./caddyfile.ts";
import { extraServer, noCaddyfile, unknownBackend, unknownServer } from "./problems.ts";
import type { Backend, Setup } from "./setup.ts";

/** One reverse_proxy of the operator's that sends requests to the servers of a service. */
export interface Proxy {
  readonly backend: Backend;
  /** Server of the goal -> its upstream, as it is written. */
  readonly servers: Readonly<Record<string, string>>;
  /** Path it is for; absent: all of its level. */
  readonly path?: string | undefined;
  /** It is for requests of a matcher with a name, which cannot be narrowed. */
  readonly isNamed: boolean;
  /** Lines of its block but for the upstreams. */
  readonly lines: readonly string[];
  /** Its lb_policy, where it says one itself. */
  readonly policy?: Policy | undefined;
  /** Begins the names of matchers and variables that are its own. */
  readonly prefix: string;
  /** File of cutover's that goes before it. */
  readonly file: string;
  /** Offset in the Caddyfile of the line before which its import belongs, and how it is indented. */
  readonly at: number;
  readonly indent: string;
  readonly isWired: boolean;
}

interface Policy {
  readonly words: readonly string[];
  /** Of the file, from 1. */
  readonly line: number;
}

export interface Configuration {
  readonly text: string;
  readonly proxies: readonly Proxy[];
  /** The Caddyfile has all of cutover's lines. */
  readonly isInstalled: boolean;
}

/** The site of cutover's own, for questions. */
export function askFile({ directory }: Setup): string {
  return join(directory, "ask.caddy");
}

/** Problems: TRAFFIC_UNREACHABLE, TRAFFIC_BACKEND_UNKNOWN, TRAFFIC_SERVER_*. */
export async function look(setup: Setup): Promise<Configuration> {
  const text = await readText(setup.sites);
  if (text === null) throw noCaddyfile(setup);
  const top = parseCaddyfile(text);
  const proxies = setup.backends.flatMap((backend) => readSite(setup, backend, { text, top }));
  const isInstalled = imports(top, askFile(setup)) && proxies.every(({ isWired }) => isWired);
  return { text, proxies, isInstalled };
}

function imports(level: readonly Directive[], path: string): boolean {
  return level.some(({ words: [name, file] }) => name === "import" && file === path);
}

interface Parsed {
  readonly text: string;
  readonly top: readonly Directive[];
}

function readSite(setup: Setup, backend: Backend, { text, top }: Parsed): readonly Proxy[] {
  const addresses = ({ words }: Directive): readonly string[] => words.map((word) => word.replace(/,$/, ""));
  const site = top.find((one) => one.block !== null && addresses(one).includes(backend.site));
  const sites = top.filter(({ block, words }) => block !== null && words.length > 0).flatMap(addresses);
  if (site?.block === null || site === undefined) throw unknownBackend(setup, backend, sites);
  const found = proxiesIn(site.block, "site").map((one) => ({ ...one, ...readProxy(one.directive, text) }));
  const isOurs = (upstream: string): boolean => serverOf(setup, backend, upstream) !== null;
  const ours = found.filter(({ upstreams }) => upstreams.some(isOurs));
  return ours.length > 0
    ? ours.map((one, i) => toProxy(setup, backend, { ...one, text }, i))
    : missing(
        setup,
        backend,
        found.flatMap(({ upstreams }) => upstreams),
      );
}

function missing(setup: Setup, backend: Backend, upstreams: readonly string[]): never {
  const [server = "", known = []] = Object.entries(setup.servers)[0] ?? [];
  throw unknownServer(backend, { server, known, upstreams });
}

interface Found {
  readonly directive: Directive;
  readonly level: Block;
  readonly isRoute: boolean;
}

function proxiesIn(level: Block, kind: string): Found[] {
  return level.directives.flatMap((directive) => {
    const [name = ""] = directive.words;
    if (name === "reverse_proxy") return [{ directive, level, isRoute: kind === "route" }];
    return directive.block === null || name.startsWith("@") ? [] : proxiesIn(directive.block, name);
  });
}

interface Read {
  readonly matcher: string | undefined;
  readonly upstreams: readonly string[];
  readonly lines: readonly string[];
  readonly policy: Policy | undefined;
}

function readProxy({ words, block }: Directive, text: string): Read {
  const [, first, ...rest] = words;
  const isMatcher = first !== undefined && /^[*/@]/.test(first);
  const own = isMatcher || first === undefined ? rest : [first, ...rest];
  const inside = block?.directives ?? [];
  const isTo = ({ words: [name] }: Directive): boolean => name === "to";
  const policy = inside.find(({ words: [name] }) => name === "lb_policy");
  return {
    policy: policy && { words: policy.words, line: text.slice(0, policy.start).split("\n").length },
    matcher: isMatcher && first !== "*" ? first : undefined,
    upstreams: [...own, ...inside.filter(isTo).flatMap((to) => to.words.slice(1))],
    lines: inside.filter((one) => !isTo(one)).map(({ start, end }) => text.slice(start, end)),
  };
}

interface Source {
  readonly text: string;
}

function toProxy(setup: Setup, backend: Backend, found: Found & Read & Source, i: number): Proxy {
  const { upstreams, matcher, lines, policy, level, text } = found;
  const servers = Object.entries(setup.servers).map(([server, known]) => {
    const upstream = upstreams.find((one) => serverOf(setup, backend, one) === server);
    if (upstream === undefined) throw unknownServer(backend, { server, known, upstreams });
    return [server, upstream] as const;
  });
  const extra = upstreams.find((one) => serverOf(setup, backend, one) === null);
  if (extra !== undefined) throw extraServer(backend, extra);
  const file = join(setup.directory, `${backend.service}${i === 0 ? "" : `-${i + 1}`}.caddy`);
  return {
    backend,
    servers: Object.fromEntries(servers),
    path: matcher?.startsWith("/") === true ? matcher : undefined,
    isNamed: matcher?.startsWith("@") ?? false,
    lines,
    policy,
    prefix: `${backend.prefix}${i === 0 ? "" : `_${i + 1}`}`,
    file,
    ...placeOf({ ...found, isNarrow: matcher !== undefined }, text),
    isWired: imports(level.directives, file),
  };
}

/** Caddy sorts its directives: the ones with a matcher come first, in their order. In a route nothing is sorted. */
function placeOf(
  { directive, level, isRoute, isNarrow }: Found & { readonly isNarrow: boolean },
  text: string,
): Pick<Proxy, "at" | "indent"> {
  const line = text.lastIndexOf("\n", directive.start) + 1;
  const indent = /^[ \t]*/.exec(text.slice(line))?.[0] ?? "";
  const isLaterNamed = ({ words: [name, word = ""], start }: Directive): boolean =>
    name === "reverse_proxy" && word.startsWith("@") && start > directive.start;
  const later = isRoute || isNarrow ? undefined : level.directives.findLast(isLaterNamed);
  return { at: later === undefined ? line : text.indexOf("\n", later.end) + 1, indent };
}

/** null: an upstream that is none of the goal's servers. */
function serverOf({ servers }: Setup, { port }: Backend, upstream: string): string | null {
  const address = upstream.replace(/^\w+:\/\//, "");
  const host = address.replace(/:\d+$/, "");
  const fits = (word: string): boolean => word === address || `${word}:${port}` === address;
  const onHost = (word: string): boolean => word === host || `[${word}]` === host;
  const names = Object.entries(servers);
  const found = names.find(([, known]) => known.some(fits)) ?? names.find(([, known]) => known.some(onHost));
  return found?.[0] ?? null;
}

/** What Caddy's admin API calls an upstream. */
export function dialed(upstream: string): string {
  const address = upstream.replace(/^\w+:\/\//, "");
  if (/:\d+$/.test(address)) return address;
  return `${address}:${upstream.startsWith("https://") ? 443 : 80}`;
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
