import { nearest } from "../../nearest.ts";
import { Problem, exits } from "../../problem.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import { labelOf } from "./label.ts";

/** Services meant by ids, names, "app/service", names of apps, or "all"; each once, by id. Unknown words are a Problem. */
export function selectServices(
  words: readonly string[],
  services: readonly ServiceStatus[],
): readonly ServiceStatus[] {
  const chosen = new Set(words.flatMap((word) => matches(word, services) ?? unknown(word, services)));
  return [...chosen].toSorted((a, b) => a.id - b.id);
}

/** Undefined: the word means no known service. */
export function matches(
  word: string,
  services: readonly ServiceStatus[],
): readonly ServiceStatus[] | undefined {
  if (word === "all") return services;
  const found = [
    services.filter(({ id }) => String(id) === word),
    services.filter((service) => labelOf(service) === word || `${service.app}/${service.name}` === word),
    services.filter(({ app }) => app === word),
    services.filter(({ name }) => name === word),
  ].find((list) => list.length > 0);
  return found === undefined ? undefined : unambiguous(word, found);
}

/** One name in two apps: better asked than guessed. */
function unambiguous(word: string, found: readonly ServiceStatus[]): readonly ServiceStatus[] {
  const apps = new Set(found.map(({ app }) => app));
  if (apps.size === 1) return found;
  throw new Problem({
    code: "SERVICE_AMBIGUOUS",
    what: `"${word}" is the name of ${String(found.length)} services.`,
    fix: `Say which one: ${found.map(labelOf).join(", ")}`,
    exit: exits.usage,
  });
}

function unknown(word: string, services: readonly ServiceStatus[]): never {
  const names = [...new Set(services.flatMap((service) => [labelOf(service), service.app]))];
  const meant = nearest(word, names);
  throw new Problem({
    code: "SERVICE_UNKNOWN",
    what: `There is no service "${word}".${meant === undefined ? "" : ` Did you mean "${meant}"?`}`,
    why: services.length === 0 ? "Nothing has been started here yet." : `Known: ${names.join(", ")}.`,
    fix: services.length === 0 ? "cutover start app.js" : "cutover list",
    exit: exits.usage,
  });
}
