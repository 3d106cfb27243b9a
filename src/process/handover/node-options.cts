import path from "node:path";

/** A program that sets NODE_OPTIONS for its children would lose the preload there, and with it the port. */

const preload = path.join(__dirname, "preload.cjs");
const key = "NODE_OPTIONS=";
const assignment = /(^|[\s;&|(])NODE_OPTIONS=/g;

/** NODE_OPTIONS with the preload after what the user has. */
function withPreload(nodeOptions: string): string {
  return nodeOptions.includes(preload) ? nodeOptions : `${nodeOptions} ${requireFlag()}`.trim();
}

/** In the environment of a child: "KEY=value" pairs. */
export function keepPreloadInPairs(envPairs: readonly string[]): string[] {
  const at = envPairs.findIndex((pair) => pair.startsWith(key));
  const pair = key + withPreload(at < 0 ? "" : (envPairs[at] ?? "").slice(key.length));
  return at < 0 ? [...envPairs, pair] : envPairs.with(at, pair);
}

/** In a line for /bin/sh that sets the variable itself: `NODE_OPTIONS=--x node app.js` is common in package.json. */
export function keepPreloadInLine(commandLine: string): string {
  if (preload.includes("'")) return commandLine;
  return commandLine.replace(assignment, `$1${key}'${requireFlag()} '`);
}

function requireFlag(): string {
  const quoted = preload.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /[\s"\\]/.test(preload) ? `--require "${quoted}"` : `--require ${quoted}`;
}
