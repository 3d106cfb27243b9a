/** What is known of a program: Node takes the inherited socket, others bind a port themselves, neutral ones serve nothing. */
export type Verdict = "node" | "other" | "neutral";

/** Where a command stands: its directory, and whether Node (npm, npx, a script of package.json) starts it. */
export interface Place {
  readonly cwd: string;
  /** Below Node the preload reaches every child, also one that sets NODE_OPTIONS. */
  readonly isBelowNode: boolean;
  /** Directories for program names, as $PATH. */
  readonly path: string;
}

/** One layer taken off a command: the verdict, or what it starts in turn. */
export type Step =
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "words"; readonly words: readonly string[]; readonly place: Place }
  | { readonly kind: "line"; readonly line: string; readonly place: Place }
  | { readonly kind: "together"; readonly steps: readonly Step[] };

export const node: Step = { kind: "verdict", verdict: "node" };
export const other: Step = { kind: "verdict", verdict: "other" };
export const neutral: Step = { kind: "verdict", verdict: "neutral" };

export function wordsStep(words: readonly string[], place: Place): Step {
  return words.length === 0 ? neutral : { kind: "words", words, place };
}

export function lineStep(line: string, place: Place): Step {
  return { kind: "line", line, place };
}
