import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quote, splitWords } from "../../src/process/quote.ts";

/** The words that /bin/sh passes to a program for this text after the program's name; null when it says anything else. */
function wordsOfShell(text: string): string[] | null {
  const done = spawnSync("/bin/sh", ["-c", `printf '%s\\0' x ${text}`], {
    encoding: "utf8",
    cwd: "/",
    env: {},
  });
  return done.status === 0 && done.stderr === "" ? done.stdout.split("\0").slice(1, -1) : null;
}

const anyWord = fc.string({ unit: "grapheme" }).filter((word) => !word.includes("\0"));
const shellText = fc.string({
  unit: fc.constantFrom(..."ab=1 \t'\"\\$`*?[]{}~#!|&;()<>\n-/.".split("")),
  maxLength: 14,
});

describe("quote", () => {
  test("whatever the word, the shell passes it on unchanged", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyWord, shellText), { minLength: 1, maxLength: 20 }), (words) => {
        expect(wordsOfShell(words.map(quote).join(" "))).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  test("plain words stay readable", () => {
    expect(["npm", "--name=x", "./a-b_c.js", "user@host:/x"].map(quote)).toEqual([
      "npm",
      "--name=x",
      "./a-b_c.js",
      "user@host:/x",
    ]);
  });

  test("a program whose name looks like an assignment or a keyword is still run as a program", () => {
    for (const word of ["A=b", "if", "!", "{", "exec"]) {
      const done = spawnSync("/bin/sh", ["-c", `${quote(word)} 2>&1`], { encoding: "utf8", env: {} });
      if (word !== "exec") expect(done.stdout).toContain("not found");
    }
  });
});

describe("splitWords", () => {
  test("gives the words that the shell would give, or null", () => {
    fc.assert(
      fc.property(shellText, (line) => {
        const words = splitWords(`x ${line}`);
        if (words !== null) expect(words.slice(1)).toEqual(wordsOfShell(line));
      }),
      { numRuns: 300 },
    );
  });

  test("a quoted line comes back as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyWord, shellText), { minLength: 1 }), (words) => {
        expect(splitWords(words.map(quote).join(" "))).toEqual(words);
      }),
    );
  });

  test.each([
    ["npm run start:prod", ["npm", "run", "start:prod"]],
    ["  node   'a b.js' \"c d\" e\\ f ", ["node", "a b.js", "c d", "e f"]],
    ["node -e 'console.log(\"$HOME | x\")'", ["node", "-e", 'console.log("$HOME | x")']],
    ["node --x=1 ''", ["node", "--x=1", ""]],
    ["", []],
  ])("%s needs no shell", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  test.each([
    "A=b node x",
    "cd app && node x",
    "node x | tee log",
    "node x > log",
    "node x 2>&1",
    "node $FILE",
    'node "$FILE"',
    "node `which x`",
    "node *.js",
    "node ~/x.js",
    "node x; node y",
    "node x &",
    "exec node x",
    ". ./env && node x",
    "node {a,b}",
    "node 'x",
    'node "x',
    "node x\\",
    "node # x",
    "if true; then node x; fi",
    "node x\nnode y",
  ])("%s needs a shell", (line) => {
    expect(splitWords(line)).toBeNull();
  });
});
