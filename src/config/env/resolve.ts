import { nearest } from "../../nearest.ts";
import { exits, Problem } from "../../problem.ts";
import { expand, split, type Expanded, type Lookup } from "./expand.ts";
import { referenceProblem, type SourceContext } from "./source.ts";
import { secretSources } from "./sources.ts";

export interface Unresolved {
  readonly key: string;
  readonly value: string;
  /** No variables in it. */
  readonly isLiteral: boolean;
  readonly line?: number;
  /** Of a service's own env; absent: of the template. */
  readonly service?: string;
}

export interface ResolveContext {
  readonly vars: Readonly<Record<string, string>>;
  /** The template's name, for words. */
  readonly file: string;
  readonly source: SourceContext;
  readonly secret: (value: string) => void;
}

export interface Resolved {
  /** In the order of the entries. */
  readonly values: readonly string[];
  readonly secrets: readonly string[];
}

const schemes = secretSources.map(({ scheme }) => scheme);

export async function resolveValues(
  entries: readonly Unresolved[],
  context: ResolveContext,
): Promise<Resolved> {
  const secrets = new Set<string>();
  const keep = (value: string): void => {
    if (value !== "" && !secrets.has(value)) {
      secrets.add(value);
      context.secret(value);
    }
  };
  const earlier = new Map<string, string>();
  const expanded = entries.map((entry) => {
    const result = expandEntry(entry, earlier, context);
    result.fromEnvironment.forEach(keep);
    const only = result.pieces.every((piece) => "text" in piece);
    if (entry.service === undefined && only) {
      earlier.set(entry.key, join(result, new Map()));
    }
    return result;
  });
  const answers = await readReferences(entries, expanded, context.source);
  answers.forEach(keep);
  const values = expanded.map((one) => join(one, answers));
  expanded.forEach((one, index) => {
    if (one.fromEnvironment.length > 0 || one.pieces.some((piece) => "reference" in piece)) {
      keep(values[index] ?? "");
    }
  });
  return { values, secrets: [...secrets] };
}

/** vars of the config, then what the template said above, then the operator's environment. */
function expandEntry(
  entry: Unresolved,
  earlier: ReadonlyMap<string, string>,
  context: ResolveContext,
): Expanded {
  const { vars, source } = context;
  if (entry.isLiteral) {
    return { pieces: split(entry.value, schemes), fromEnvironment: [] };
  }
  const lookup: Lookup = (name) => {
    const known = Object.hasOwn(vars, name) ? vars[name] : earlier.get(name);
    const value = known ?? source.env[name];
    return value === undefined ? undefined : { value, isPublic: known !== undefined };
  };
  return expand(entry.value, schemes, lookup, (name) => {
    throw new Problem({
      code: "ENV_VARIABLE",
      what: `${placeOf(entry, context.file)} needs $${name}, which is not set.`,
      fix: `Set ${name} in the environment or under env.vars; a dollar that is meant is written \\$ or in single quotes.`,
      state: "Nothing was changed.",
      exit: exits.refused,
    });
  });
}

function placeOf(entry: Unresolved, file: string): string {
  return entry.service === undefined
    ? `${entry.key} (${file}, line ${entry.line})`
    : `services.${entry.service}.env.${entry.key}`;
}

/** Every reference once, each source asked once. */
async function readReferences(
  entries: readonly Unresolved[],
  expanded: readonly Expanded[],
  context: SourceContext,
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  expanded.forEach(({ pieces }, index) => {
    for (const piece of pieces) {
      if ("reference" in piece && !owners.has(piece.reference)) {
        owners.set(piece.reference, entries[index]?.key ?? "");
      }
    }
  });
  const all = [...owners.keys()];
  refuseUnknown(all);
  const answers = new Map<string, string>();
  for (const source of secretSources) {
    const own = all.filter((reference) => reference.startsWith(`${source.scheme}://`));
    const values = own.length === 0 ? [] : await source.read(own, context);
    own.forEach((reference, index) => answers.set(reference, values[index] ?? ""));
  }
  for (const [reference, value] of answers) {
    if (value === "") {
      throw referenceProblem(
        `${reference}, the value of ${owners.get(reference)}, is empty.`,
        "Put a value there.",
      );
    }
  }
  return answers;
}

function refuseUnknown(references: readonly string[]): void {
  for (const reference of references) {
    const scheme = reference.slice(0, reference.indexOf("://"));
    if (!schemes.includes(scheme)) {
      const meant = nearest(scheme, schemes);
      throw referenceProblem(
        `There is no source "${scheme}" for the reference ${reference}.`,
        meant === undefined ? `Known are ${schemes.join(", ")}.` : `Did you mean ${meant}://?`,
      );
    }
  }
}

function join({ pieces }: Expanded, answers: ReadonlyMap<string, string>): string {
  return pieces
    .map((piece) => ("text" in piece ? piece.text : (answers.get(piece.reference) ?? "")))
    .join("");
}
