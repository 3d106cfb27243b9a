import { shellTokens } from "../shell-tokens.ts";

/** Pipelines of a shell line in their order, each a list of simple commands, each a list of words. */
export type Pipelines = readonly (readonly (readonly string[])[])[];

/** null when the line cannot be read. Redirections are left out; substitutions stay in their words. */
export function pipelinesOf(line: string): Pipelines | null {
  const tokens = shellTokens(withoutComments(line));
  if (tokens === null) return null;
  const pipelines: string[][][] = [[[]]];
  let isTarget = false;
  for (const token of tokens) {
    if (token.kind === "word") {
      if (!isTarget) pipelines.at(-1)?.at(-1)?.push(token.text);
      isTarget = false;
    } else if (/[<>]/.test(token.text)) isTarget = true;
    else if (token.text === "|") pipelines.at(-1)?.push([]);
    else pipelines.push([[]]);
  }
  return pipelines.map((commands) => commands.filter((words) => words.length > 0));
}

function withoutComments(line: string): string {
  return line.replaceAll(/^[ \t]*#.*$/gm, "");
}
