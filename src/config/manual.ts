import { schema } from "./schema.ts";
import { inWords, type Key, type Keys, type Shape } from "./shape.ts";

export interface Entry {
  /** services.<name>.health.interval */
  readonly path: string;
  readonly key: Key;
  readonly depth: number;
  readonly type: string;
  /** What of it waits for a later version, in words. */
  readonly later: string | undefined;
}

/** Every key of the config in the order of the schema, parents first. */
export function manualEntries(): readonly Entry[] {
  return entriesOf(schema.keys, "", 0);
}

function entriesOf(keys: Keys, prefix: string, depth: number): readonly Entry[] {
  return Object.entries(keys).flatMap(([name, key]) => {
    const path = `${prefix}${name}`;
    const entry: Entry = { path, key, depth, type: typeInWords(key.shape), later: laterInWords(key) };
    // A stage has the keys of the whole, explained already.
    return name === "stages" ? [entry] : [entry, ...insideOf(key.shape, path, depth + 1)];
  });
}

function insideOf(shape: Shape, path: string, depth: number): readonly Entry[] {
  switch (shape.kind) {
    case "scalar":
      return [];
    case "object":
      return entriesOf(shape.keys, `${path}.`, depth);
    case "map":
      return insideOf(shape.of, `${path}.<name>`, depth);
    case "list":
      return insideOf(shape.of, `${path}[]`, depth);
    case "either":
      return shape.of.flatMap((one) => insideOf(one, path, depth));
  }
}

/** As inWords, but what has keys of its own is explained by their entries. */
function typeInWords(shape: Shape): string {
  switch (shape.kind) {
    case "scalar":
      return shape.means;
    case "object":
      return "a map, see its keys below";
    case "map":
      return shape.of.kind === "object" ? `a map by ${shape.nameMeans}` : inWords(shape);
    case "list":
      return shape.of.kind === "object" ? "a list of maps, see their keys below" : inWords(shape);
    case "either":
      return shape.of.map(typeInWords).join(", or ");
  }
}

function laterInWords({ later }: Key): string | undefined {
  if (later === undefined) {
    return undefined;
  }
  return typeof later === "string"
    ? "Not possible in this version."
    : `Not in this version: ${Object.keys(later).join(", ")}.`;
}

/** The entries a person means: a full path (services.web.port and services.*.port too), else all that end with the word. */
export function findEntries(word: string): readonly Entry[] {
  const all = manualEntries();
  const exact = all.filter(({ path }) => patternOf(path).test(word));
  return exact.length > 0 ? exact : all.filter(({ path }) => path.endsWith(`.${word}`));
}

function patternOf(path: string): RegExp {
  const steps = path.split(".").map((step) => {
    const list = step.endsWith("[]");
    const name = list ? step.slice(0, -2) : step;
    return (name === "<name>" ? "[^.]+" : name) + (list ? String.raw`(\[\d*\])?` : "");
  });
  return new RegExp(`^${steps.join(String.raw`\.`)}$`);
}

export function isInside(entry: Entry, parent: Entry): boolean {
  return entry.path.startsWith(`${parent.path}.`) || entry.path.startsWith(`${parent.path}[`);
}

export function manualMarkdown(): string {
  return [
    "# cutover.yml",
    "",
    "<!-- Generated from src/config/schema.ts: cutover docs --markdown > docs/config.md -->",
    "",
    "YAML, checked strictly: an unknown key is an error that names its line and the nearest known key. Durations and sizes carry",
    "their units. Keys that begin with `x-` are yours. The smallest useful file:",
    "",
    "```yaml",
    "app: shop",
    "services:",
    "  web: { run: npm run start:prod, port: 3000, health: /health }",
    "```",
    "",
    ...manualEntries().flatMap(markdownEntry),
  ].join("\n");
}

function markdownEntry(entry: Entry): readonly string[] {
  const { path, key, type, later } = entry;
  const facts = [
    `Type: ${escape(type)}.`,
    key.isRequired === true ? " Required." : key.default === undefined ? "" : ` Default: \`${key.default}\`.`,
    later === undefined ? "" : ` **${later}**`,
  ];
  return [
    `${"#".repeat(Math.min(entry.depth + 2, 4))} \`${path}\``,
    "",
    escape(key.about),
    "",
    facts.join(""),
    "",
    "```yaml",
    key.example,
    "```",
    "",
  ];
}

function escape(text: string): string {
  return text.replace(/[<>*_]/g, String.raw`\$&`);
}
