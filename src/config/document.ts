import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { exits, Problem } from "../problem.ts";

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A parsed YAML file that still knows where everything stood and how it was written. */
export interface ConfigDocument {
  readonly value: unknown;
  place(path: readonly string[]): Place | undefined;
  /** The scalar as written ("1.10" stays "1.10"); undefined when it is none. */
  source(path: readonly string[]): string | undefined;
}

/** Problem CONFIG_SYNTAX when the text is not YAML; `file` is only for its words. */
export function readDocument(text: string, file: string): ConfigDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { version: "1.2", merge: true, lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    const evidence = document.errors.map(({ message, pos }) => {
      const { line, col } = lineCounter.linePos(pos[0]);
      return `line ${line}, column ${col}: ${message}`;
    });
    throw notYaml(file, evidence);
  }
  const places = new Map<string, Place>();
  const sources = new Map<string, string>();
  const visit = (node: unknown, path: readonly string[], keyNode?: unknown): void => {
    const resolved: unknown = isAlias(node) ? node.resolve(document) : node;
    const start = startOf(keyNode) ?? startOf(resolved);
    if (start !== undefined) {
      const { line, col } = lineCounter.linePos(start);
      places.set(keyOf(path), { line, column: col });
    }
    if (isScalar(resolved) && typeof resolved.value !== "string" && resolved.source !== undefined) {
      sources.set(keyOf(path), resolved.source);
    }
    if (isMap(resolved)) {
      resolved.items.forEach((pair) => visit(pair.value, [...path, nameOf(pair.key)], pair.key));
    }
    if (isSeq(resolved)) {
      resolved.items.forEach((item, index) => visit(item, [...path, String(index)]));
    }
  };
  visit(document.contents, []);
  return {
    value: valueOf(document, file),
    place: (path) => places.get(keyOf(path)),
    source: (path) => sources.get(keyOf(path)),
  };
}

/** An alias without its anchor, or one that unfolds without end, shows only here. */
function valueOf(document: Document.Parsed, file: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value;
  } catch (error) {
    throw notYaml(file, [error instanceof Error ? error.message : String(error)]);
  }
}

function notYaml(file: string, evidence: readonly string[]): Problem {
  return new Problem({
    code: "CONFIG_SYNTAX",
    what: `${file} is not valid YAML.`,
    evidence,
    fix: `Correct ${file} at the place named above.`,
    exit: exits.usage,
  });
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
