import { readText } from "../file.ts";
import type { Dump } from "./dump.ts";
import type { Backend, Setup } from "./setup.ts";
import type { Directive } from "./tokens.ts";

/** How the operator's configuration uses cutover's files. */
export interface Wiring {
  /** The include of the http level is read, or would be once it is there. */
  readonly hasInclude: boolean;
  /** Backends whose requests, or some of them, go past cutover's rules. */
  readonly unwired: readonly Backend[];
  /** Service -> lines that keep its locations as they were, although cutover's stand there. */
  readonly kept: Readonly<Record<string, readonly (readonly string[])[]>>;
}

export function readWiring(setup: Setup, dump: Dump): Wiring {
  const uses = setup.backends.map((backend) => ({
    backend,
    found: usesOf(backend, dump.directives, outermost),
  }));
  const hasLocation = ({ location }: Backend): boolean => dump.reads(location);
  return {
    hasInclude: dump.reads(setup.include),
    unwired: uses
      .filter(({ backend, found }) => !hasLocation(backend) || found.some(({ isDirect }) => isDirect))
      .map(({ backend }) => backend),
    kept: Object.fromEntries(uses.map(({ backend, found }) => [backend.service, keptLines(backend, found)])),
  };
}

type Lines = readonly (readonly string[])[];

interface Use {
  /** It names the upstream itself. */
  readonly isDirect: boolean;
  readonly logs: Level;
  readonly headers: Level;
  readonly redirects: Level;
}

/** Lines of one name: those of a level hide all that it would inherit. */
interface Level {
  readonly own: Lines;
  readonly inherited: Lines;
}

const outermost = { access_log: [], proxy_set_header: [], proxy_redirect: [] } as const;
type Inherited = Readonly<Record<keyof typeof outermost, Lines>>;

function usesOf(backend: Backend, level: readonly Directive[], inherited: Inherited): Use[] {
  const lines = level.map(({ words }) => words);
  const at = (name: keyof Inherited): Level => ({
    own: lines.filter(([first]) => first === name),
    inherited: inherited[name],
  });
  const [logs, headers, redirects] = [at("access_log"), at("proxy_set_header"), at("proxy_redirect")];
  const uses = lines
    .flatMap(([name, target = ""]) => (name === "proxy_pass" ? [target] : []))
    .map((target) => /^https?:\/\/([^/:]+)/.exec(target)?.[1])
    .filter((name) => name === backend.name || name === `$${backend.prefix}`)
    .map((name) => ({ isDirect: name === backend.name, logs, headers, redirects }));
  const inner = {
    access_log: inForce(logs),
    proxy_set_header: inForce(headers),
    proxy_redirect: inForce(redirects),
  };
  return [...uses, ...level.flatMap(({ block }) => usesOf(backend, block ?? [], inner))];
}

function inForce({ own, inherited }: Level): Lines {
  return own.length > 0 ? own : inherited;
}

/** A log beside cutover's; the name of the upstream as the host, and redirects to it as nginx understands them. */
function keptLines({ name }: Backend, uses: readonly Use[]): Lines {
  const [first] = uses;
  if (first === undefined) return [];
  const { logs, headers } = first;
  const hasHost = uses.some((use) =>
    inForce(use.headers).some(([, header]) => header?.toLowerCase() === "host"),
  );
  const hasRedirect = uses.some(({ redirects }) => inForce(redirects).length > 0);
  return [
    ...(logs.own.length > 0 ? [] : logs.inherited.filter(([, path]) => path !== "off")),
    ...(hasHost || headers.own.length > 0 ? [] : headers.inherited),
    ...(hasHost ? [] : [["proxy_set_header", "Host", name]]),
    ...(hasRedirect ? [] : [["proxy_redirect", `http://${name}/`, "/"]]),
  ];
}

/** Path -> content of the operator's files with the lines put in; null: they are not written as that needs. */
export async function wired(
  setup: Setup,
  { hasInclude, unwired }: Wiring,
  files: readonly string[],
): Promise<Readonly<Record<string, string>> | null> {
  const contents: Record<string, string> = {};
  const missing = new Set(unwired);
  let isIncluded = hasInclude;
  for (const path of files) {
    const before = (await readText(path)) ?? "";
    const at = isIncluded ? null : placeOf(setup.backends, before);
    const include = `include ${setup.include};`;
    let text =
      at === null ? before : `${before.slice(0, at.from)}${at.indent}${include}\n${before.slice(at.from)}`;
    isIncluded ||= at !== null;
    for (const backend of unwired)
      text = text.replaceAll(proxyLine(backend), (_line, indent: string, rest: string) => {
        missing.delete(backend);
        return `${indent}include ${backend.location};\n${indent}proxy_pass http://$${backend.prefix};${rest}`;
      });
    if (text !== before) contents[path] = text;
  }
  return missing.size === 0 && isIncluded ? contents : null;
}

function proxyLine({ name }: Backend): RegExp {
  return new RegExp(`^([ \\t]*)proxy_pass[ \\t]+http://${escaped(name)};([^\\n]*)$`, "gm");
}

interface Place {
  readonly from: number;
  readonly indent: string;
}

/** Of the http level, and before anything that uses what the include defines: the first upstream or server of these. */
function placeOf(backends: readonly Backend[], text: string): Place | null {
  const upstreams = backends.map(({ name }) =>
    new RegExp(`^([ \\t]*)upstream[ \\t]+${escaped(name)}\\s*\\{`, "m").exec(text),
  );
  const proxies = backends.flatMap((backend) => [...text.matchAll(proxyLine(backend))]);
  const servers = [...text.matchAll(/^([ \t]*)server\s*\{/gm)];
  const around = proxies.map((proxy) => servers.findLast(({ index }) => index < proxy.index) ?? null);
  return [...upstreams, ...around]
    .filter((found) => found !== null)
    .map((found) => ({ from: found.index, indent: found[1] ?? "" }))
    .reduce<Place | null>((first, one) => (first === null || one.from < first.from ? one : first), null);
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w-]/g, (char) => `\\${char}`);
}
