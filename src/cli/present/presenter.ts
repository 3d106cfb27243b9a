import type { CutoverEvent } from "../../plan/event.ts";
import type { Exit, ProblemDetail } from "../../problem.ts";

export interface Outcome {
  readonly exit: Exit;
  readonly problem?: ProblemDetail | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A way of showing what happens: terminal, plain or json. */
export interface Presenter {
  print(text: string): void;
  emit(event: CutoverEvent): void;
  /** A line about the program itself ("finishing the step"), beside the output proper. */
  say(text: string): void;
  /** While a question owns the terminal nothing is redrawn. */
  hold(isHeld: boolean): void;
  /** Last call: the problem if there is one, the result. */
  finish(outcome: Outcome): void;
}
