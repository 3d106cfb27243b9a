import type { Entry } from "../../config/manual.ts";
import { nearest } from "../../nearest.ts";
import { exits, Problem } from "../../problem.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "the manual of cutover.yml",
  usage: "[KEY] [--markdown]",
  options: { markdown: { type: "boolean", about: "the whole manual as Markdown" } },
  positionals: 1,
  async run(input, io) {
    const manual = await import("../../config/manual.ts");
    const word = input.positionals[0];
    const all = manual.manualEntries();
    if (input.flags["markdown"] === true) {
      io.print(manual.manualMarkdown());
    } else if (word === undefined) {
      io.print([...all.map(overviewLine), "", '"cutover docs KEY" tells more.'].join("\n"));
    } else {
      const found = manual.findEntries(word);
      if (found.length === 0) {
        throw unknownKey(word, all);
      }
      const inside =
        found.length === 1 ? all.filter((entry) => found[0] && manual.isInside(entry, found[0])) : [];
      io.print(found.map(explained).join("\n\n"));
      if (inside.length > 0) {
        io.print(["", "Keys in it:", ...inside.map(overviewLine)].join("\n"));
      }
      io.result({
        keys: found.map(({ path, key, type }) => ({ path, about: key.about, type, default: key.default })),
      });
    }
    return exits.done;
  },
};

function overviewLine({ path, key, depth }: Entry): string {
  const sentence = key.about.split(/[.:;] /)[0]?.replace(/\.$/, "") ?? "";
  return `${"  ".repeat(depth)}${path.split(".").at(-1)}`.padEnd(24).concat(" ", sentence);
}

function explained({ path, key, type, later }: Entry): string {
  const rest = [
    key.isRequired === true ? "  Required." : key.default === undefined ? "" : `  Default: ${key.default}`,
    later === undefined ? "" : `  ${later}`,
    `  Example: ${key.example}`,
  ];
  return [path, `  ${key.about}`, `  Value:   ${type}`, ...rest.filter((line) => line !== "")].join("\n");
}

function unknownKey(word: string, all: readonly Entry[]): Problem {
  const names = [...new Set(all.flatMap(({ path }) => [path, path.split(".").at(-1) ?? ""]))];
  const meant = nearest(word, names) ?? nearest(word.split(".").at(-1) ?? word, names);
  return new Problem({
    code: "USAGE",
    what: `cutover.yml has no key "${word}".${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    fix: meant === undefined ? "cutover docs" : `cutover docs ${meant}`,
    state: "Nothing was run.",
    exit: exits.usage,
  });
}
