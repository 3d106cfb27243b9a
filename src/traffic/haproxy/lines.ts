import { draws } from "./cohort.ts";
import type { Backend } from "./setup.ts";

/** The lines of the configuration that cutover needs, in and behind a backend. They are put there once and stay as they are. */

/** Tries to find a server of the cohort that is up; then the backend's own choice. */
const tries = 4;

const begin = (backend: string): string => `# cutover: begin ${backend}`;
const end = (backend: string): string => `# cutover: end ${backend}`;

/** Weights at a start, the way for `ask`, the way for a cohort, the way out for who sticks to an emptied server. */
function inside({ name, files }: Backend, cookie: string | null): string[] {
  const draw = `%[rand(${draws}),map(${files.servers})]`;
  const found = `req.hdrs,map_regm(${files.value}),map_reg(${files.match})`;
  return [
    begin(name),
    "load-server-state-from-file local",
    `server-state-file-name ${files.state}`,
    `http-request set-var(txn.cutover) ${found} if { str(0),map(${files.servers}) -m found }`,
    `use-server %[req.hdr(x-cutover-server)] if { fe_name ${frontendOf(name)} }`,
    ...Array.from({ length: tries }, () => `use-server ${draw} if { var(txn.cutover) -m found }`),
    ...(cookie === null ? [] : [`ignore-persist if { ${stuckTo(cookie)},map(${files.emptied}) -m found }`]),
    end(name),
  ].map((line) => `  ${line}`);
}

/** A frontend that only who may use its socket can reach. */
function behind({ name, ask }: Backend): string[] {
  return [
    begin(name),
    `frontend ${frontendOf(name)}`,
    "  mode http",
    `  bind unix@${ask} mode 660`,
    "  timeout client 1m",
    "  no log",
    "  http-response set-header x-cutover-server %s",
    `  default_backend ${name}`,
    end(name),
  ];
}

function frontendOf(backend: string): string {
  return `cutover_${backend}`;
}

const sections =
  /^\s*(global|defaults|frontend|backend|listen|peers|resolvers|userlist|mailers|cache|program|http-errors|ring|log-forward|fcgi-app|crt-store|traces)(\s|$)/;

/** The configuration with cutover's lines for a backend, wherever they were before; null: it does not hold that backend. */
export function withLines(config: string, backend: Backend): string | null {
  const lines = withoutLines(config, backend.name).split("\n");
  const section = sectionOf(lines, backend);
  if (section === null) return null;
  const { from, to } = section;
  // Before the first server: behind the rules that haproxy wants to see earlier, before the user's own use-server.
  const server = lines.findIndex((line, i) => {
    return i > from && i < to && /^\s*(server|server-template|default-server|use-server)\s/.test(line);
  });
  lines.splice(server === -1 ? from + 1 : server, 0, ...inside(backend, cookieOf(config, backend)));
  const text = lines.join("\n");
  return `${text}${text.endsWith("\n") ? "" : "\n"}${behind(backend).join("\n")}\n`;
}

/** All sections in their order: the words of their first line, and the lines behind it. */
export function sectionsOf(
  config: string,
): readonly { readonly words: readonly string[]; readonly lines: readonly string[] }[] {
  const found: { readonly words: readonly string[]; readonly lines: string[] }[] = [];
  for (const line of config.split("\n")) {
    if (sections.test(line)) found.push({ words: line.trim().split(/\s+/), lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found;
}

interface Section {
  /** Index of its first line, and the one behind its last. */
  readonly from: number;
  readonly to: number;
}

function sectionOf(lines: readonly string[], { name }: Backend): Section | null {
  const from = lines.findIndex((line) => {
    const words = line.trim().split(/\s+/);
    return /^(backend|listen)$/.test(words[0] ?? "") && words[1] === name;
  });
  if (from === -1) return null;
  const length = lines.slice(from + 1).findIndex((line) => sections.test(line));
  return { from, to: length === -1 ? lines.length : from + 1 + length };
}

export interface ConfigLine {
  /** From 1. */
  readonly number: number;
  /** Without its indent and comment. */
  readonly text: string;
}

/** What the operator says of a backend, what counts most first: its own lines, then those of its defaults, the last ones first. */
export function linesInForce(config: string, backend: Backend): readonly ConfigLine[] {
  const lines = config.split("\n");
  const section = sectionOf(lines, backend);
  if (section === null) return [];
  const heads = lines.flatMap((line, at) =>
    sections.test(line) ? [{ at, words: line.trim().split(/\s+/) }] : [],
  );
  const head = lines[section.from]?.trim().split(/\s+/) ?? [];
  const from = head.includes("from") ? head[head.indexOf("from") + 1] : undefined;
  const defaults = heads.findLast(
    ({ at, words: [kind, name] }) =>
      kind === "defaults" && (from === undefined ? at < section.from : name === from),
  );
  const behind = heads.find(({ at }) => defaults !== undefined && at > defaults.at)?.at ?? lines.length;
  return [
    ...linesOf(lines, backend, section),
    ...(defaults === undefined ? [] : linesOf(lines, backend, { from: defaults.at, to: behind })),
  ];
}

function linesOf(lines: readonly string[], { name }: Backend, { from, to }: Section): readonly ConfigLine[] {
  const own: ConfigLine[] = [];
  let isOurs = false;
  for (const [i, line] of lines.entries()) {
    if (line.trim() === begin(name)) isOurs = true;
    const text = line.replace(/(^|\s)#.*$/, "").trim();
    if (i > from && i < to && !isOurs && text !== "") own.push({ number: i + 1, text });
    if (line.trim() === end(name)) isOurs = false;
  }
  return own.reverse();
}

/** The cookie by which clients stick to a server of the backend; its own, or one of the defaults. */
export function cookieOf(config: string, backend: Backend): string | null {
  const lines = config.split("\n");
  const section = sectionOf(lines, backend);
  if (section === null) return null;
  const cookie = (line: string): string | undefined => /^\s*cookie\s+([\w.-]+)/.exec(line)?.[1];
  const own = lines.slice(section.from, section.to).map(cookie);
  const inherited = lines
    .slice(0, section.from)
    .filter((_, i) => isInDefaults(lines, i))
    .map(cookie);
  return [...own, ...inherited.reverse()].find((name) => name !== undefined) ?? null;
}

function isInDefaults(lines: readonly string[], index: number): boolean {
  const head = lines.slice(0, index + 1).findLast((line) => sections.test(line));
  return head?.trim().startsWith("defaults") ?? false;
}

/** Clients stick to a server by a table of haproxy's, which no weight empties. */
export function isStickyByTable(config: string, backend: Backend): boolean {
  const lines = config.split("\n");
  const section = sectionOf(lines, backend);
  if (section === null) return false;
  return lines.slice(section.from, section.to).some((line) => /^\s*stick\s+(on|match)\s/.test(line));
}

/** haproxy may put a date or the application's value behind its own. */
function stuckTo(cookie: string): string {
  return `req.cook(${cookie}),field(1,~),field(1,|)`;
}

function withoutLines(config: string, backend: string): string {
  const kept: string[] = [];
  let isOurs = false;
  for (const line of config.split("\n")) {
    if (line.trim() === begin(backend)) isOurs = true;
    if (!isOurs) kept.push(line);
    if (line.trim() === end(backend)) isOurs = false;
  }
  return kept.join("\n");
}

/** Both blocks, for a person to put there. */
export function linesToAdd(config: string, backend: Backend): string[] {
  return [
    `In the backend ${backend.name}, before its servers:`,
    ...inside(backend, cookieOf(config, backend)),
    "At the end:",
    ...behind(backend),
  ];
}
