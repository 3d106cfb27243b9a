import { parseEnv } from "node:util";
import { parse } from "dotenv";
import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { serializeEnv } from "../../../src/config/env/serialize.ts";
import { isProblem } from "../../../src/problem.ts";

const nasty: readonly (readonly [string, string])[] = [
  ["a hash", "pa#ss"],
  ["a space", "pa ss"],
  ["a dollar", "pa$HOME"],
  ["braces", "pa${HOME}"],
  ["a command", "$(touch /tmp/x)`id`"],
  ["a double quote", 'pa"ss'],
  ["a single quote", "pa'ss"],
  ["both quotes", `it's"both`],
  ["a backslash", String.raw`C:\new\table`],
  ["a backslash at its end", "ends\\"],
  ["nothing", ""],
  ["outer spaces", "  padded  "],
  ["JSON", '{"a":"b c","d":[1,2]}'],
  ["a key file", "-----BEGIN KEY-----\nMIIE+/=\nA=B\n# no comment\n-----END KEY-----\n"],
  ["base64", "c2VjcmV0LXNlY3JldA=="],
  ["a URL", "postgres://u:p%40ss@db:5432/shop?sslmode=require&x=1"],
  ["letters of the world", "Zażółć 😀"],
];

describe("every reader gives back exactly the value with", () => {
  test.each(nasty)("%s", (_name, value) => {
    const expected = { BEFORE: "1", KEY: value, AFTER: "2" };
    const content = serializeEnv(Object.entries(expected), "all");
    expect({ ...parseEnv(content) }).toEqual(expected);
    expect(parse(content)).toEqual(expected);
  });
});

test("no value at all reads back differently: it is exact, or refused", () => {
  const piece = constantFrom(
    "a",
    "'",
    '"',
    "`",
    "\\",
    "\n",
    " ",
    "\t",
    "#",
    "$",
    "${",
    "=",
    '="',
    "A=1",
    "é",
    "\r",
  );
  const value = array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const values = array(value, { maxLength: 4 });
  assert(
    property(values, constantFrom("all" as const, "node" as const), (some, readers) => {
      const entries = some.map((text, index) => [`K${index}`, text] as const);
      const content = serializedOrRefused(entries, readers);
      if (content !== undefined) {
        expect({ ...parseEnv(content) }).toEqual(Object.fromEntries(entries));
        expect(parse(content)).toEqual(Object.fromEntries(entries));
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test("a value that the readers disagree on is refused with its key and without itself", () => {
  expect(() => serializeEnv([["KEY", "carriage\rreturn"]], "node")).toThrow(/value of KEY cannot be written/);
});

test("what older versions of phpdotenv misread is refused for PHP and written for Node", () => {
  for (const value of ["line one\nline two=", 'x="y" it\'s']) {
    expect(() => serializeEnv([["KEY", value]], "all")).toThrow(/value of KEY cannot be written/);
    expect(parse(serializeEnv([["KEY", value]], "node"))).toEqual({ KEY: value });
  }
});

function serializedOrRefused(
  entries: readonly (readonly [string, string])[],
  readers: "all" | "node",
): string | undefined {
  try {
    return serializeEnv(entries, readers);
  } catch (error) {
    expect(isProblem(error) && error.detail.code).toBe("ENV_VALUE");
    return undefined;
  }
}
