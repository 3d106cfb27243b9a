import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../../src");

/** Code -> what it says, with the parts that vary left out. */
function codesInSource(): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.c?ts$/.test(name)) continue;
    const text = readFileSync(join(source, name), "utf8");
    for (const match of text.matchAll(
      /\bcode(?:: |\s*=\s*[^;"]*)"([A-Z]+(?:_[A-Z]+)*)"(?:,\s*what:\s*(`[^`]*`|"[^"]*"))?/g,
    )) {
      const [, code = "", what = ""] = match;
      if (/^E[A-Z]+$/.test(code)) continue;
      if ((codes.get(code) ?? "") === "") codes.set(code, sentenceOf(what));
    }
  }
  return codes;
}

function sentenceOf(literal: string): string {
  let text = literal.slice(1, -1);
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replaceAll(/\$\{[^{}]*\}/g, "…");
  }
  return text.replaceAll("|", "\\|");
}

const intro = `# Errors and exit codes

Every error an operator can act on has one shape: a stable code, what happened, why, what to do, and what state things are in now. With
\`--json\` the same fields are in the last object. Anything else is a bug in cutover, says so, and exits with 1.

| exit | meaning |
| --- | --- |
| 0 | done |
| 1 | a bug in cutover |
| 2 | usage or config; nothing was touched |
| 3 | refused before anything was touched: preflight, lock, freeze, stale plan, unfinished deployment |
| 4 | failed; the old release serves (on a first deploy: nothing is live) |
| 5 | failed and needs attention: not on one good release; the way out is printed |
| 6 | interrupted or paused; \`cutover resume\` or \`cutover abort\` goes on |
| 10 | \`plan --exit-code\`: there are changes |

The codes, from the source; the varying parts are left out.

| code | what it says |
| --- | --- |
`;

test("docs/errors.md lists every code of the source", async () => {
  const rows = [...codesInSource()].sort(([one], [other]) => (one < other ? -1 : 1));
  expect(rows.length).toBeGreaterThan(50);
  const page =
    intro +
    rows.map(([code, what]) => `| ${code} | ${what === "" ? "(depends on the case)" : what} |\n`).join("");
  await expect(page).toMatchFileSnapshot("../../docs/errors.md");
});
