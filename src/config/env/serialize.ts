import { parseEnv } from "node:util";
import { exits, Problem } from "../../problem.ts";

/** Who will read the file: every dotenv reader we know, or only those of Node (its own and npm's dotenv). */
export type Readers = "all" | "node";

/**
 * The file that Node's --env-file, npm's dotenv and phpdotenv all read as exactly these values. They disagree on escapes, so
 * no form here needs any: each value gets a quoting under which all of them take it literally.
 */
export function serializeEnv(entries: readonly (readonly [string, string])[], readers: Readers): string {
  const lines = entries.map(([key, value]) => {
    const form = readers === "all" ? formForAll(value) : (formForAll(value) ?? formForNode(value));
    if (form === undefined) {
      throw unrepresentable(key, value);
    }
    return `${key}=${form}\n`;
  });
  const content = lines.join("");
  const read = parseEnv(content);
  for (const [key, value] of entries) {
    if (read[key] !== value) {
      throw unrepresentable(key, value);
    }
  }
  return content;
}

function formForAll(value: string): string | undefined {
  if (/[\0\r]/.test(value)) {
    return undefined;
  }
  if (/^[\w./:@%+,-][\w./:@%+,=-]*$/.test(value)) {
    return value;
  }
  // phpdotenv takes a line with =" for the start of a value of many lines.
  const misleads = value.includes('="');
  if (!/['\n]/.test(value) && !value.endsWith("\\") && !misleads) {
    return `'${value}'`;
  }
  // Older ones also when the last of many lines ends so.
  const misleadsAtEnd = value.includes("\n") && value.endsWith("=");
  if (!/["\\]|\$\{/.test(value) && !misleadsAtEnd) {
    return `"${value}"`;
  }
  // Both kinds of quotes, but nothing that would end a bare value.
  const isBare = !/[\s#`]|\$\{/.test(value) && !/^['"]/.test(value) && !misleads;
  return isBare ? value : undefined;
}

function formForNode(value: string): string | undefined {
  if (/[\0\r]/.test(value) || value.endsWith("\\")) {
    return undefined;
  }
  const quote = ["'", "`"].find((one) => !value.includes(one));
  return quote === undefined ? undefined : `${quote}${value}${quote}`;
}

function unrepresentable(key: string, value: string): Problem {
  const why = value.includes("\r")
    ? "It contains a carriage return; the readers of env files drop it."
    : "It mixes quotes, line ends or backslashes in a way the readers of env files disagree on.";
  return new Problem({
    code: "ENV_VALUE",
    what: `The value of ${key} cannot be written into an env file.`,
    why,
    fix: `Encode it (base64 for example) and decode it in the program, or give it in services.*.env.`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
