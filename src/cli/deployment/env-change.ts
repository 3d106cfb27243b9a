import { parseEnv } from "node:util";
import type { Shelved } from "../../fleet/shelf.ts";
import type { Wish } from "./wish.ts";

/** Names of env keys that the next release has more, fewer, or with another value; never a value. */
export interface EnvChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export function compareEnv(live: Shelved | null, wish: Wish): EnvChange {
  const before = variablesOf(live?.env, live?.spec.services);
  const after = variablesOf(wish.env, wish.spec.services);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return {
    added: names.filter((name) => !before.has(name)),
    removed: names.filter((name) => !after.has(name)),
    changed: names.filter(
      (name) => before.has(name) && after.has(name) && before.get(name) !== after.get(name),
    ),
  };
}

/** The release's env file, and what each service adds, as "web: NODE_ENV". */
function variablesOf(
  env: string | undefined,
  services: Wish["spec"]["services"] = [],
): ReadonlyMap<string, string | undefined> {
  const own = services.flatMap((service) =>
    Object.entries(service.env).map(([name, value]) => [`${service.name}: ${name}`, value] as const),
  );
  return new Map([...Object.entries(parseEnv(env ?? "")), ...own]);
}

export function describeEnvChange({ added, removed, changed }: EnvChange): string {
  const parts = [
    ...added.map((name) => `+${name}`),
    ...removed.map((name) => `-${name}`),
    ...changed.map((name) => `~${name}`),
  ];
  return parts.length === 0 ? "unchanged" : parts.join(" ");
}
