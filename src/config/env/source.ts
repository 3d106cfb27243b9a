import { exits, Problem } from "../../problem.ts";

/** A place that secrets come from. It is called with references only, never with values. */
export interface SecretSource {
  /** The part before ://. */
  readonly scheme: string;
  /** The values in the order of the references, all in one go; throws Problem. */
  read(references: readonly string[], context: SourceContext): Promise<readonly string[]>;
}

export interface SourceContext {
  /** Directory of the template, for relative paths. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

export function referenceProblem(what: string, fix: string, evidence?: readonly string[]): Problem {
  return new Problem({
    code: "ENV_REFERENCE",
    what,
    fix,
    evidence,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
