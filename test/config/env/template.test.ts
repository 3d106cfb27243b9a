import { describe, expect, test } from "vitest";
import { parseTemplate } from "../../../src/config/env/template.ts";
import { isProblem } from "../../../src/problem.ts";

function values(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(parseTemplate(text, "t").map(({ key, value }) => [key, value]));
}

function whatOf(text: string): string {
  try {
    parseTemplate(text, ".env.template");
  } catch (error) {
    if (isProblem(error)) {
      return error.detail.what;
    }
    throw error;
  }
  throw new Error("accepted");
}

test("dotenv syntax in all its forms is read", () => {
  const text = [
    "\uFEFF# a comment",
    "",
    "PLAIN=value",
    "export EXPORTED=yes # why",
    "SPACED =  two words  ",
    "EMPTY=",
    "QUOTED='single # not a comment'",
    String.raw`DOUBLE="line\nline \"q\" \\ \$x"`,
    'MANY="first',
    "second=2",
    'third" # end',
    "EQUALS=a=b=c",
    "  INDENTED=1",
  ].join("\r\n");
  expect(values(text)).toEqual({
    PLAIN: "value",
    EXPORTED: "yes",
    SPACED: "two words",
    EMPTY: "",
    QUOTED: "single # not a comment",
    DOUBLE: 'line\nline "q" \\ \\$x',
    MANY: "first\nsecond=2\nthird",
    EQUALS: "a=b=c",
    INDENTED: "1",
  });
});

test("each entry knows its line, also behind a value of many lines", () => {
  const entries = parseTemplate('A="1\n2\n3"\n\nB=x\n', "t");
  expect(entries.map(({ key, line }) => [key, line])).toEqual([
    ["A", 1],
    ["B", 5],
  ]);
});

describe("a template that readers would disagree on is refused with its line and without its value", () => {
  test.each([
    ["a command", "A=1\nrm -rf /\n", ".env.template, line 2: expected KEY=VALUE."],
    [
      "a hash in a bare value",
      "A=pa#ssword\n",
      '.env.template, line 1: quote the value of A: "#" begins a comment',
    ],
    ["an open quote", 'A=1\nB="secret\nC=2\n', '.env.template, line 2: the value of B has no closing ".'],
    ["text behind a quote", "A='one'two\n", "line 1: there is something behind the closing ' of A."],
    ["a key twice", "A=1\nB=2\nA=3\n", "line 3: A is there twice"],
    ["a key with a hyphen", "MY-KEY=1\n", "line 1: expected KEY=VALUE"],
  ])("%s", (_case, text, expected) => {
    const what = whatOf(text);
    expect(what).toContain(expected);
    expect(what).not.toContain("secret");
  });
});
