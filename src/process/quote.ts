import { shellTokens } from "./shell-tokens.ts";

/** Words that mean something to the shell itself at the start of a command. */
const shellWords = new Set(
  (
    "! . : [[ alias bg break case cd command continue do done elif else esac eval exec exit export fc fg fi for " +
    "function getopts hash if in jobs let local read readonly return select set shift source then time times trap " +
    "type typeset declare ulimit umask unalias unset until wait while { }"
  ).split(" "),
);

const assignment = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;

/** One word for /bin/sh that stays itself, also as the first word of a command. */
export function quote(word: string): string {
  const isPlain = /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !assignment.test(word) && !shellWords.has(word);
  return isPlain ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The words of a line as /bin/sh would pass them to one program; null when the line needs a shell. */
export function splitWords(line: string): string[] | null {
  const tokens = shellTokens(line.replace(/^[ \t\n]+|[ \t\n]+$/g, ""));
  if (tokens === null || tokens.some((token) => token.kind === "operator" || !token.literal)) return null;
  const first = tokens[0];
  if (first !== undefined && !first.quoted && (shellWords.has(first.text) || assignment.test(first.text))) {
    return null;
  }
  return tokens.map((token) => token.text);
}
