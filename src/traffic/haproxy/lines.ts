import { draws } from "./cohort.ts";
import type { Backend } from "./setup.ts";

/** The lines of the configuration that cutover needs, in and behind a backend. They are put there once and stay as they are. */

/** Tries to find a server of the cohort that is up; then the backend's own choice. */
const tries = 4;

const begin = (backend: string): string => `# cutover: begin ${backend}`;
const end = (backend: string): string => `# cutover: end ${backend}`;

/** Weights at a start, the way for `ask`, the way for a cohort. */
function inside({ name, files }: Backend): string[] {
  const draw = `%[rand(${draws}),map(${files.servers})]`;
  const found = `req.hdrs,map_regm(${files.value}),map_reg(${files.match})`;
  return [
    begin(name),
    "load-server-state-from-file local",
    `server-state-file-name ${files.state}`,
    `http-request set-var(txn.cutover) ${found} if { str(0),map(${files.servers}) -m found }`,
    `use-server %[req.hdr(x-cutover-server)] if { fe_name ${frontendOf(name)} }`,
    ...Array.from({ length: tries }, () => `use-server ${draw} if { var(txn.cutover) -m found }`),
    "ignore-persist if { var(txn.cutover) -m found }",
    `ignore-persist if { fe_name ${frontendOf(name)} }`,
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
  const from = lines.findIndex((line) => {
    const words = line.trim().split(/\s+/);
    return /^(backend|listen)$/.test(words[0] ?? "") && words[1] === backend.name;
  });
  if (from === -1) return null;
  const length = lines.slice(from + 1).findIndex((line) => sections.test(line));
  const to = length === -1 ? lines.length : from + 1 + length;
  // Before the first server: behind the rules that haproxy wants to see earlier, before the user's own use-server.
  const server = lines.findIndex((line, i) => {
    return i > from && i < to && /^\s*(server|server-template|default-server|use-server)\s/.test(line);
  });
  lines.splice(server === -1 ? from + 1 : server, 0, ...inside(backend));
  const text = lines.join("\n");
  return `${text}${text.endsWith("\n") ? "" : "\n"}${behind(backend).join("\n")}\n`;
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
export function linesToAdd(backend: Backend): string[] {
  return [
    `In the backend ${backend.name}, before its servers:`,
    ...inside(backend),
    "At the end:",
    ...behind(backend),
  ];
}
