import type { ProblemDetail } from "../../problem.ts";
import { sharesInexact } from "../notices.ts";
import { type ConfigLine, linesInForce } from "./lines.ts";
import type { BackendNow } from "./look.ts";
import type { Setup } from "./setup.ts";

/** kept: where a client was before. hashed: by what it sends. page: by what it asks for. busy: by how quick a server is. */
type Kind = "kept" | "hashed" | "page" | "busy" | "rule";

/** What says beside the weights which server of a backend answers. */
export interface Division {
  /** As it stands in the configuration, with its place where that can be read. */
  readonly line: string;
  readonly kind: Kind;
}

/** By what runs; the file tells the line, and what haproxy does not show. `config`: null where it cannot be read. */
export function divisionOf(
  { config: path }: Pick<Setup, "config">,
  { backend, servers }: BackendNow,
  config: string | null,
): Division | null {
  const stats = Object.values(servers).map((server) => server.stats);
  const lines = config === null ? [] : linesInForce(config, backend);
  const line = (pattern: RegExp, otherwise: string): string => {
    const found = lines.find(({ text }) => pattern.test(text));
    return found === undefined ? otherwise : placed(path, found);
  };
  if (stats.some(({ cookie }) => cookie !== ""))
    return { kind: "kept", line: line(/^cookie\s/, "the servers' cookies") };
  const algorithm = stats.find(({ isSticky }) => isSticky)?.algorithm;
  if (algorithm !== undefined)
    return { kind: kindOf(algorithm), line: line(/^balance\s/, `"balance ${algorithm}"`) };
  const kinds = [
    ["kept", /^stick\s+(on|match)\s/],
    ["kept", /^option\s+prefer-last-server(\s|$)/],
    ["rule", /^use-server\s/],
  ] as const;
  for (const [kind, pattern] of kinds) {
    const found = line(pattern, "");
    if (found !== "") return { kind, line: found };
  }
  return null;
}

function kindOf(algorithm: string): Kind {
  if (/^(leastconn|first)/.test(algorithm)) return "busy";
  return algorithm.startsWith("uri") ? "page" : "hashed";
}

function placed(path: string, { text, number }: ConfigLine): string {
  return `"${text}" (${path}:${number})`;
}

const whys: Readonly<Record<Kind, string>> = {
  kept: "Whoever was at a server before stays there, so a canary gets mostly the clients that are new.",
  hashed: "A client has one server, so the share is one of clients, and some of them send more than others.",
  page: "A page has one server, so the share is one of pages, and some of them are asked for more than others.",
  busy: "A server that answers quickly gets more, and a slow one less.",
  rule: "Requests that the rule is about go past the weights.",
};

/** Empty: requests are divided by the weights alone. */
export function noticeOf({ backend }: BackendNow, division: Division | null): readonly ProblemDetail[] {
  if (division === null) return [];
  const { kind, line } = division;
  const isSticky = kind === "kept" || kind === "hashed";
  const does = isSticky ? "lets clients stick to a server by" : "goes by more than weights,";
  return [sharesInexact(`The backend "${backend.name}" of haproxy ${does} ${line}`, whys[kind])];
}
