/** Exit codes of the contract (docs/errors.md). */
export const exits = {
  done: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  failedOldServes: 4,
  needsAttention: 5,
  interrupted: 6,
  changes: 10,
} as const;

export type Exit = (typeof exits)[keyof typeof exits];

export interface ProblemDetail {
  /** AREA_WHAT, permanent once released; listed in docs/errors.md. */
  readonly code: string;
  /** What happened: one sentence, no "Error:" prefix. */
  readonly what: string;
  /** The server or balancer it happened on, where there are several. */
  readonly where?: string | undefined;
  readonly why?: string | undefined;
  /** What to do: a command or an edit. */
  readonly fix?: string | undefined;
  /** What state things are in now ("release X still serves; nothing was changed"). */
  readonly state?: string | undefined;
  /** Log lines, probe answers: shown below the sentence, redacted by the reporter. */
  readonly evidence?: readonly string[] | undefined;
  readonly exit?: Exit | undefined;
}

/** The one error an operator can act on. Anything else thrown is a bug in cutover. */
export class Problem extends Error {
  readonly detail: ProblemDetail;

  constructor(detail: ProblemDetail, options?: ErrorOptions) {
    super(detail.what, options);
    this.name = "Problem";
    this.detail = detail;
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

/** The same problem, told with the present state by a caller who knows it. */
export function withState(problem: Problem, state: string, exit?: Exit): Problem {
  const detail: ProblemDetail = { ...problem.detail, state, exit: exit ?? problem.detail.exit };
  return new Problem(detail, { cause: problem.cause });
}
