import type { Frontend } from "../../plan/traffic.ts";
import { type Bound, readBound } from "../bound.ts";
import { hostsAsked } from "./conditions.ts";
import { sectionsOf } from "./lines.ts";
import type { Backend } from "./setup.ts";

const polite = /^\s*option\s+idle-close-on-response(\s|$)/;

/** Frontends whose idle connections a reload closes at once: neither they nor the defaults they follow say otherwise. */
export function hastyFrontends(config: string): readonly string[] {
  let isPoliteByDefault = false;
  return sectionsOf(config).flatMap(({ words: [kind, name = ""], lines }) => {
    const isPolite = lines.some((line) => polite.test(line));
    if (kind === "defaults") isPoliteByDefault = isPolite;
    const isFrontend = kind === "frontend" || kind === "listen";
    return isFrontend && !isPolite && !isPoliteByDefault ? [name] : [];
  });
}

/** Where clients come in who are sent to a backend: by default, by the name they ask for, or because it listens itself. */
export function frontendsOf(config: string, backends: readonly Backend[]): readonly Frontend[] {
  return sectionsOf(config).flatMap(({ words: [kind, name = ""], lines }) => {
    if (kind !== "frontend" && kind !== "listen") return [];
    const section = { name, lines: lines.map(wordsOf) };
    return backends.flatMap((backend) => {
      if (backend.healthPath === undefined) return [];
      const names = namesFor(backend, section);
      return names === null
        ? []
        : bindsOf(section).map((bind) => ({ service: backend.service, ...bind, names }));
    });
  });
}

interface Section {
  readonly name: string;
  readonly lines: readonly (readonly string[])[];
}

/** null: nobody is sent there, or it is not clear who. */
function namesFor({ name: backend }: Backend, { name, lines }: Section): readonly string[] | null {
  const rules = lines.filter(([first, to]) => first === "use_backend" && to === backend);
  const asked = rules.map(([, , ...condition]) => hostsAsked(condition, lines)).filter((one) => one !== null);
  const isDefault =
    name === backend || lines.some(([first, to]) => first === "default_backend" && to === backend);
  return isDefault || asked.length > 0 ? [...new Set(asked.flat())] : null;
}

function bindsOf({ lines }: Section): readonly (Bound & { readonly isTls: boolean })[] {
  return lines.flatMap(([first, addresses = "", ...options]) => {
    // Nobody but another proxy can talk to a port that wants a line about the client first.
    if (first !== "bind" || options.includes("accept-proxy")) return [];
    return addresses
      .split(",")
      .map((one) => readBound(one.replace(/^(ipv[46]|tcp[46]?)@/, "")))
      .flatMap((bound) => (bound === null ? [] : [{ ...bound, isTls: options.includes("ssl") }]));
  });
}

function wordsOf(line: string): readonly string[] {
  return line
    .replace(/(^|\s)#.*$/, "")
    .trim()
    .split(/\s+/);
}
