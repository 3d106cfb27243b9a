import type { Output } from "../output.ts";
import type { Presenter } from "./presenter.ts";
import { renderProblem } from "./problem.ts";

/** For a command that speaks with another program over stdout by itself: only a problem is told, to whoever started it. */
export function barePresenter(errors: Output): Presenter {
  const say = (text: string): void => errors.write(`${text}\n`);
  return {
    print: say,
    emit: () => undefined,
    say,
    hold: () => undefined,
    finish({ problem }) {
      if (problem !== undefined) errors.write(renderProblem(problem, errors));
    },
  };
}
