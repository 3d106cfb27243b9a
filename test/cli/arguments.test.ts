import { expect, test } from "vitest";
import { parseArguments, splitCommand } from "../../src/cli/arguments.ts";
import type { Command } from "../../src/cli/command.ts";
import { Problem } from "../../src/problem.ts";

const command: Command = {
  summary: "",
  usage: "",
  options: {
    name: { type: "string" },
    instances: { type: "string", short: "i" },
    set: { type: "string", multiple: true },
  },
  positionals: 1,
  run: () => Promise.resolve(0),
};

function problemOf(argv: readonly string[]): Problem {
  try {
    parseArguments("start", command, argv);
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
    throw error;
  }
  throw new Error("accepted");
}

test("everything behind -- belongs to the started program, its flags included", () => {
  const input = parseArguments("start", command, ["npm", "--name", "api", "--", "run", "start", "--json"]);
  expect(input).toMatchObject({
    positionals: ["npm"],
    flags: { name: "api" },
    rest: ["run", "start", "--json"],
  });
  expect(input.global.json).toBe(false);
});

test("global flags stand before or behind the command", () => {
  expect(splitCommand(["-c", "other.yml", "--json", "list", "web"])).toEqual({
    name: "list",
    before: ["-c", "other.yml", "--json"],
    after: ["web"],
  });
});

test("a repeated flag arrives as a list", () => {
  expect(parseArguments("start", command, ["--set", "a", "--set", "b"]).flags["set"]).toEqual(["a", "b"]);
});

test("a misspelt flag is refused with the nearest one and nothing is run", () => {
  const { detail } = problemOf(["--instanses", "2"]);
  expect(detail).toMatchObject({ code: "USAGE", exit: 2, state: "Nothing was run." });
  expect(detail.what).toBe('"cutover start" has no flag --instanses. Did you mean --instances?');
});

test("a flag without its value is refused", () => {
  expect(problemOf(["--name"]).detail.what).toContain("--name");
});

test("a word too many is refused", () => {
  expect(problemOf(["api", "web"]).detail.what).toBe('There is no place for "web".');
});

test("a negative number is a value, not a flag", () => {
  expect(parseArguments("start", command, ["-2"]).positionals).toEqual(["-2"]);
  expect(parseArguments("start", command, ["-i", "-1"]).flags["instances"]).toBe("-1");
  expect(parseArguments("start", command, ["--set", "-1"]).flags["set"]).toEqual(["-1"]);
});
