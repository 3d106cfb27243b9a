import { createInterface } from "node:readline/promises";
import { exits, Problem } from "../problem.ts";

export interface ConfirmOptions {
  readonly yes: boolean;
  readonly json: boolean;
}

/** Asks on the terminal. Without one (CI, a pipe, --json) the answer must have been given by --yes. */
export async function confirm(question: string, options: ConfirmOptions): Promise<boolean> {
  if (options.yes) {
    return true;
  }
  if (options.json || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Problem({
      code: "CONFIRMATION_NEEDED",
      what: `Nobody is there to answer: ${question}`,
      fix: "Give the answer in advance with --yes.",
      exit: exits.usage,
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
