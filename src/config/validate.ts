import { nearest } from "../nearest.ts";
import { hidePasswords } from "./passwords.ts";
import {
  inWords,
  type EitherShape,
  type ListShape,
  type MapShape,
  type ObjectShape,
  type Shape,
} from "./shape.ts";

/** Keys from the root to the value; list entries by number. */
export type Path = readonly string[];

export interface Issue {
  readonly path: Path;
  readonly message: string;
  readonly why?: string;
  readonly fix?: string;
}

export interface ValidateOptions {
  /** An overlay (a stage) may leave out what is required, and remove a key with null. */
  readonly isPartial?: boolean;
}

/** Every way in which the value is not of the shape; empty when it is. */
export function validate(
  value: unknown,
  shape: Shape,
  path: Path = [],
  options: ValidateOptions = {},
): readonly Issue[] {
  if (value === null && options.isPartial === true) {
    return [];
  }
  switch (shape.kind) {
    case "scalar":
      return shape.accepts(value) ? [] : [mismatch(value, shape, path)];
    case "list":
      return validateList(value, shape, path, options);
    case "map":
      return validateMap(value, shape, path, options);
    case "object":
      return validateObject(value, shape, path, options);
    case "either":
      return validateEither(value, shape, path, options);
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function validateList(
  value: unknown,
  shape: ListShape,
  path: Path,
  options: ValidateOptions,
): readonly Issue[] {
  if (Array.isArray(value)) {
    return value.flatMap((entry: unknown, index) =>
      validate(entry, shape.of, [...path, String(index)], options),
    );
  }
  const single = validate(value, shape.of, path, options);
  return single.length > 0 && !isMap(value) ? [mismatch(value, shape, path)] : single;
}

function validateObject(
  value: unknown,
  shape: ObjectShape,
  path: Path,
  options: ValidateOptions,
): readonly Issue[] {
  if (!isMap(value)) {
    return [mismatch(value, shape, path)];
  }
  const { keys } = shape;
  const known = Object.keys(keys);
  const issues = Object.entries(value).flatMap(([name, inner]) => {
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (key !== undefined) {
      return validate(inner, key.shape, [...path, name], options);
    }
    return name.startsWith("x-") ? [] : [unknownKey(name, known, path)];
  });
  const missing = known
    .filter((name) => keys[name]?.isRequired === true && !Object.hasOwn(value, name))
    .map((name) => ({
      path,
      message: `${[...path, name].join(".")} is missing (for example ${keys[name]?.example})`,
    }));
  return options.isPartial === true ? issues : [...issues, ...missing];
}

function unknownKey(name: string, known: readonly string[], path: Path): Issue {
  const full = [...path, name];
  const meant = nearest(name, known);
  const hint = meant === undefined ? `; known here: ${known.join(", ")}` : `; did you mean ${meant}?`;
  return { path: full, message: `${full.join(".")} is not a known key${hint}` };
}

function validateMap(
  value: unknown,
  shape: MapShape,
  path: Path,
  options: ValidateOptions,
): readonly Issue[] {
  if (!isMap(value)) {
    return [mismatch(value, shape, path)];
  }
  return Object.entries(value).flatMap(([name, inner]) => {
    const full = [...path, name];
    return shape.names.test(name)
      ? validate(inner, shape.of, full, options)
      : [{ path: full, message: `${full.join(".")}: "${name}" is not ${shape.nameMeans}` }];
  });
}

/** The errors of the alternative that the value resembles: a map is told about its keys, not "expected text". */
function validateEither(
  value: unknown,
  shape: EitherShape,
  path: Path,
  options: ValidateOptions,
): readonly Issue[] {
  const attempts = shape.of.map((one) => ({ one, issues: validate(value, one, path, options) }));
  if (attempts.some(({ issues }) => issues.length === 0)) {
    return [];
  }
  const closest = attempts
    .filter(({ one }) => resembles(value, one))
    .sort((left, right) => left.issues.length - right.issues.length)[0];
  return closest?.issues ?? [mismatch(value, shape, path)];
}

function resembles(value: unknown, shape: Shape): boolean {
  return Array.isArray(value)
    ? shape.kind === "list"
    : isMap(value) && (shape.kind === "object" || shape.kind === "map");
}

function mismatch(value: unknown, shape: Shape, path: Path): Issue {
  return {
    path,
    message: `${path.join(".") || "the config"}: expected ${inWords(shape)}; got ${got(value)}`,
  };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function got(value: unknown): string {
  if (value === null || value === undefined) {
    return "nothing";
  }
  if (Array.isArray(value)) {
    return "a list";
  }
  switch (typeof value) {
    case "string":
      return `the text "${shorten(hidePasswords(value))}"`;
    case "number":
      return `the number ${value}`;
    case "boolean":
      return String(value);
    default:
      return "a map";
  }
}
