import type { Backend } from "./setup.ts";
import type { Directive } from "./tokens.ts";

/** Whether the location that nginx finds for the health path of a backend hands requests to it. */
export function reaches(server: readonly Directive[], backend: Backend): boolean {
  const { healthPath } = backend;
  if (healthPath === undefined || isAnsweredHere(server)) return false;
  const path = healthPath.replace(/[?#].*$/, "");
  let level = server;
  for (let inner = locationFor(level, path); inner !== null; inner = locationFor(level, path)) level = inner;
  return (
    !isAnsweredHere(level) && level !== server && level.some((directive) => handsOver(directive, backend))
  );
}

function isAnsweredHere(level: readonly Directive[]): boolean {
  return level.some(({ words: [name] }) => name === "return");
}

function handsOver({ words: [name, target = ""] }: Directive, { name: upstream, prefix }: Backend): boolean {
  if (name !== "proxy_pass") return false;
  const [, host] = /^https?:\/\/([^/:]+)/.exec(target) ?? [];
  return host === upstream || host === `$${prefix}`;
}

interface Location {
  readonly how: string;
  readonly what: string;
  readonly block: readonly Directive[];
}

/** As nginx does: the exact one, else the first regular expression, unless the longest beginning forbids them, else that one. */
function locationFor(level: readonly Directive[], path: string): readonly Directive[] | null {
  const all = level.flatMap(({ words, block }): Location[] => {
    if (words[0] !== "location" || block === null) return [];
    const [how = "", what] = words.slice(1);
    return [what === undefined ? { how: "", what: how, block } : { how, what, block }];
  });
  const exact = all.find(({ how, what }) => how === "=" && what === path);
  if (exact !== undefined) return exact.block;
  const longest = all
    .filter(({ how, what }) => (how === "" || how === "^~") && path.startsWith(what))
    .reduce<Location | null>(
      (one, other) => (other.what.length > (one?.what.length ?? -1) ? other : one),
      null,
    );
  const matching =
    longest?.how === "^~"
      ? undefined
      : all.find(({ how, what }) => how.startsWith("~") && fits(what, how, path));
  return (matching ?? longest)?.block ?? null;
}

function fits(expression: string, how: string, path: string): boolean {
  try {
    return new RegExp(expression, how === "~*" ? "i" : "").test(path);
  } catch {
    return false;
  }
}
