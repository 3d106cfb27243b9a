import { schema } from "./schema.ts";
import type { Key, Shape } from "./shape.ts";

type Json = Readonly<Record<string, unknown>>;

/** JSON Schema of cutover.yml, for editors. */
export function jsonSchema(): Json {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "cutover.yml",
    ...toJson(schema, false),
  };
}

/** In a stage (isPartial) nothing is required, and null removes a key. */
function toJson(shape: Shape, isPartial: boolean): Json {
  switch (shape.kind) {
    case "scalar":
      return shape.json;
    case "list":
      return { anyOf: [toJson(shape.of, isPartial), { type: "array", items: toJson(shape.of, isPartial) }] };
    case "map":
      return {
        type: "object",
        propertyNames: { pattern: shape.names.source },
        additionalProperties: toJson(shape.of, isPartial),
      };
    case "either":
      return { anyOf: shape.of.map((one) => toJson(one, isPartial)) };
    case "object":
      return objectJson(shape.keys, isPartial);
  }
}

function objectJson(keys: Readonly<Record<string, Key>>, isPartial: boolean): Json {
  const required = Object.keys(keys).filter((name) => keys[name]?.isRequired === true);
  const properties = Object.entries(keys).map(([name, key]) => {
    const inner = toJson(key.shape, isPartial || name === "stages");
    const value = isPartial ? { anyOf: [inner, { type: "null" }] } : inner;
    return [name, { description: key.about, ...value }] as const;
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    patternProperties: { "^x-": {} },
    additionalProperties: false,
    ...(!isPartial && required.length > 0 && { required }),
  };
}
