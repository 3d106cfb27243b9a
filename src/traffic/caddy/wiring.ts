import { type Configuration, askFile } from "./look.ts";
import { linesMissing } from "./problems.ts";
import type { Setup } from "./setup.ts";

/** The Caddyfile with cutover's lines: one before each reverse_proxy, one at the end. Problem: TRAFFIC_LINES_MISSING. */
export function wired(setup: Setup, { text, proxies, isInstalled }: Configuration): string {
  if (isInstalled) return text;
  const named = proxies.find(({ isNamed, isWired }) => isNamed && !isWired);
  if (named !== undefined)
    throw linesMissing(
      setup,
      [`handle @MATCHER {`, `    reverse_proxy ${Object.values(named.servers).join(" ")}`, `}`],
      "A reverse_proxy with a matcher that has a name cannot be narrowed; one inside of handle can.",
    );
  const missing = proxies.filter(({ isWired }) => !isWired).toSorted((a, b) => b.at - a.at);
  let after = text;
  for (const { at, indent, file } of missing)
    after = `${after.slice(0, at)}${indent}import ${file}\n${after.slice(at)}`;
  const last = `import ${askFile(setup)}\n`;
  if (after.includes(`\n${last}`)) return after;
  return `${after}${after.endsWith("\n") ? "" : "\n"}${last}`;
}

/** For a person to put there. */
export function linesToAdd(setup: Setup, { proxies }: Configuration): readonly string[] {
  return [
    ...proxies.flatMap(({ backend, file }) => [
      `before the reverse_proxy of ${backend.site}:`,
      `    import ${file}`,
    ]),
    "at the end:",
    `    import ${askFile(setup)}`,
  ];
}
