import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../../src");

/** Words of the same shape that are no codes. */
const isOther = /^(CUTOVER|LISTEN|NODE|ERR|LC|Z|GIT_CONFIG)_/;
const varying = "…";

/** Codes whose sentence names the instance; what the probe found is the code itself. */
const findings: ReadonlyMap<string, string> = new Map([
  ["HEALTH_BODY", "The health check answers with another body than the one asked for."],
  ["HEALTH_COMMAND", "The health command failed."],
  ["HEALTH_REFUSED", "The health check's connection is refused."],
  ["HEALTH_STATUS", "The health check answers with another status than the one asked for."],
  ["HEALTH_TIMEOUT", "The instance did not become healthy before its boot deadline."],
  ["NEVER_LISTENED", "The instance did not listen on its port before its boot deadline."],
  ["NEVER_READY", "The instance never said that it is ready."],
  ["INSTANCE_EXITED", "The instance ended before it was ready, or by itself later."],
]);

/** Code -> what it says, with the parts that vary left out. */
function codesInSource(): ReadonlyMap<string, string> {
  const codes = new Map<string, string>(findings);
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.c?ts$/.test(name) || name.startsWith("plan/simulate/")) continue;
    const text = readFileSync(join(source, name), "utf8");
    for (const match of text.matchAll(/"([A-Z]+(?:_[A-Z]+)+|BUG|USAGE|FROZEN)"/g)) {
      const [whole, code = ""] = match;
      if (isOther.test(code) || code === "HEALTH_PASSED") continue;
      const rest = text.slice(match.index + whole.length);
      const what = /^,\s*what:\s*(?=[`"])/.exec(rest);
      const said = what === null ? "" : sentenceOf(rest.slice(what[0].length));
      if ((codes.get(code) ?? "") === "") codes.set(code, said);
    }
  }
  return codes;
}

/** The literal that the text begins with; what stands in `${}`, however deep, varies. */
function sentenceOf(text: string): string {
  const quote = text[0];
  let sentence = "";
  let depth = 0;
  for (let at = 1; at < text.length && !(depth === 0 && text[at] === quote); at += 1) {
    if (depth === 0 && text.startsWith("${", at)) {
      sentence += varying;
      depth = 1;
      at += 1;
    } else if (depth > 0) depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    else if (text[at] === "\\") sentence += text[(at += 1)];
    else sentence += text[at];
  }
  return sentence.replaceAll(/…(?:\.?…)+/g, varying).replaceAll("|", "\\|");
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
