import { parseDuration, parseSize } from "./units.ts";

/** What a value may look like; validation, JSON Schema and the manual all read it. */
export type Shape = Scalar | ListShape | MapShape | ObjectShape | EitherShape;

export interface Scalar {
  readonly kind: "scalar";
  /** In words, for errors and the manual. */
  readonly means: string;
  accepts(value: unknown): boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

/** One entry may be written without its list. */
export interface ListShape {
  readonly kind: "list";
  readonly of: Shape;
}

export interface MapShape {
  readonly kind: "map";
  readonly of: Shape;
  readonly names: RegExp;
  readonly nameMeans: string;
}

export interface ObjectShape {
  readonly kind: "object";
  readonly keys: Keys;
}

export interface EitherShape {
  readonly kind: "either";
  readonly of: readonly Shape[];
}

export interface Key {
  readonly shape: Shape;
  /** One or two sentences for the manual. */
  readonly about: string;
  readonly isRequired?: boolean;
  /** As written in a config; absent: none. */
  readonly default?: string;
  readonly example: string;
  /** The long form of a short one ("/health" is { path: /health }). */
  expand?(short: unknown): unknown;
  /**
   * Understood and checked, but this version cannot do it yet: used, it is a Problem instead of silence. What this version
   * does instead ("deploys to this machine"), for every value or for some.
   */
  readonly later?: string | Readonly<Record<string, string>>;
}

export type Keys = Readonly<Record<string, Key>>;

export function text(means: string, pattern: RegExp): Scalar {
  return {
    kind: "scalar",
    means,
    accepts: (value) => typeof value === "string" && pattern.test(value),
    json: { type: "string", pattern: pattern.source },
  };
}

export function whole(min: number, max?: number): Scalar {
  return {
    kind: "scalar",
    means: max === undefined ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
    accepts: (value) =>
      Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= (max ?? Infinity),
    json: { type: "integer", minimum: min, ...(max !== undefined && { maximum: max }) },
  };
}

export function choice(...of: readonly string[]): Scalar {
  return {
    kind: "scalar",
    means: of.length === 1 ? `"${of[0]}"` : `one of ${of.join(", ")}`,
    accepts: (value) => typeof value === "string" && of.includes(value),
    json: { enum: of },
  };
}

export function listOf(of: Shape): ListShape {
  return { kind: "list", of };
}

export function mapOf(of: Shape, nameMeans: string, names: RegExp): MapShape {
  return { kind: "map", of, names, nameMeans };
}

export function object(keys: Keys): ObjectShape {
  return { kind: "object", keys };
}

export function either(...of: readonly Shape[]): EitherShape {
  return { kind: "either", of };
}

export const boolean: Scalar = {
  kind: "scalar",
  means: "true or false",
  accepts: (value) => typeof value === "boolean",
  json: { type: "boolean" },
};
/** Takes away what is there without saying so. */
export const off: Scalar = {
  kind: "scalar",
  means: "false",
  accepts: (value) => value === false,
  json: { const: false },
};
export const duration: Scalar = {
  kind: "scalar",
  means: "a duration with its unit, for example 500ms, 30s, 5m or 7d",
  accepts: (value) => typeof value === "string" && parseDuration(value) !== undefined,
  json: { type: "string", pattern: String.raw`^(\d+(\.\d+)?(ms|s|m|h|d))+$` },
};
export const size: Scalar = {
  kind: "scalar",
  means: "a size with its unit, for example 512M or 2G",
  accepts: (value) => typeof value === "string" && parseSize(value) !== undefined,
  json: { type: "string", pattern: String.raw`^\d+(\.\d+)?\s*([Bb]|[KMGTkmgt]i?[Bb]?)$` },
};
export const regexp: Scalar = {
  kind: "scalar",
  means: "a regular expression",
  accepts: (value) => typeof value === "string" && isRegExp(value),
  json: { type: "string", format: "regex" },
};
/** Taken as it is written. */
export const envValue: Scalar = {
  kind: "scalar",
  means: "text, a number, true or false",
  accepts: (value) => ["string", "number", "boolean"].includes(typeof value),
  json: { type: ["string", "number", "boolean"] },
};
export const anyText: Scalar = text("text", /^[^\0]*$/);
export const command: Scalar = text("a command line", /\S/);
export const innerPath: Scalar = text(
  'a path inside the release, without "..", for example storage',
  /^(?!\/)(?!~)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\n]+$/,
);
const urlText = text(
  "a whole URL beginning with http:// or https://, its port at most 65535",
  /^https?:\/\/[^\s/?#][^\s]*$/,
);
export const url: Scalar = {
  ...urlText,
  accepts: (value) => urlText.accepts(value) && URL.canParse(String(value)),
};
export const reference: Scalar = text(
  "a URL, or a reference to an environment variable ($NAME)",
  /^(https?:\/\/\S+|\$\w+|\$\{\w+\})$/,
);

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source).source !== "";
  } catch {
    return false;
  }
}

export function inWords(shape: Shape): string {
  switch (shape.kind) {
    case "scalar":
      return shape.means;
    case "list":
      return `a list, each entry ${inWords(shape.of)}`;
    case "map":
      return `a map from ${shape.nameMeans} to ${inWords(shape.of)}`;
    case "object":
      return `a map with the keys ${Object.keys(shape.keys).join(", ")}`;
    case "either":
      return shape.of.map(inWords).join(", or ");
  }
}
