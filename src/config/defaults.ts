import { parse } from "yaml";
import type { Key, Keys, Shape } from "./shape.ts";
import { isMap, validate } from "./validate.ts";

/** The value with short forms written out and every default of the schema filled in; what is valid stays valid. */
export function withDefaults(value: unknown, shape: Shape): unknown {
  switch (shape.kind) {
    case "scalar":
      return value;
    case "list":
      return (Array.isArray(value) ? value : [value]).map((entry: unknown) => withDefaults(entry, shape.of));
    case "map":
      return isMap(value) ? mapValues(value, (inner) => withDefaults(inner, shape.of)) : value;
    case "object":
      return isMap(value) ? fillObject(value, shape.keys) : value;
    case "either": {
      const fitting = shape.of.find((one) => validate(value, one).length === 0);
      return fitting === undefined ? value : withDefaults(value, fitting);
    }
  }
}

function fillObject(value: Readonly<Record<string, unknown>>, keys: Keys): unknown {
  const filled: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(keys)) {
    const given: unknown = Object.hasOwn(value, name) ? value[name] : defaultOf(key);
    if (given !== undefined) {
      const long = isMap(given) || key.expand === undefined ? given : key.expand(given);
      filled[name] = withDefaults(long, key.shape);
    }
  }
  return filled;
}

function defaultOf(key: Key): unknown {
  return key.default === undefined ? undefined : parse(key.default);
}

function mapValues(
  value: Readonly<Record<string, unknown>>,
  change: (inner: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]));
}
