import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { withDefaults } from "../../src/config/defaults.ts";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { findEntries, manualEntries, manualMarkdown } from "../../src/config/manual.ts";
import { isMap, validate } from "../../src/config/validate.ts";

const entries = manualEntries();

test("docs/config.md is what the schema says (cutover docs --markdown > docs/config.md)", async () => {
  const file = new URL("../../docs/config.md", import.meta.url);
  expect(await readFile(file, "utf8")).toBe(manualMarkdown());
});

describe("every key", () => {
  test.each(entries.map((entry) => [entry.path, entry] as const))(
    "%s has an example that is valid",
    (path, { key }) => {
      const name = path.split(".").at(-1) ?? "";
      const value: unknown = parse(key.example);
      expect(isMap(value) && Object.keys(value)).toEqual([name]);
      const options = { isPartial: path === "stages" };
      expect(validate(isMap(value) ? value[name] : undefined, key.shape, [], options)).toEqual([]);
    },
  );

  test.each(
    entries.filter(({ key }) => key.default !== undefined).map(({ path, key }) => [path, key] as const),
  )("%s has a default that is valid", (_path, key) => {
    const value: unknown = parse(key.default ?? "");
    expect(validate(withDefaults(value, key.shape), key.shape)).toEqual([]);
  });
});

test.each([
  ["health", ["services.<name>.health"]],
  ["services.web.port", ["services.<name>.port"]],
  ["services.*.port", ["services.<name>.port"]],
  ["freeze.zone", ["freeze[].zone"]],
  ["app", ["app"]],
  ["nothing", []],
])("%s finds its keys", (word, paths) => {
  expect(findEntries(word).map(({ path }) => path)).toEqual(paths);
});

test("the JSON Schema is strict where the validation is", () => {
  const schema = jsonSchema();
  expect(schema).toMatchObject({
    additionalProperties: false,
    required: ["app"],
    properties: {
      services: { additionalProperties: { properties: { port: { type: "integer", maximum: 65_535 } } } },
      stages: { additionalProperties: { additionalProperties: false } },
    },
  });
});
