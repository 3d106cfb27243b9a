import type { Output } from "../output.ts";
import type { Presenter } from "./presenter.ts";

/** NDJSON on stdout: every event as it is, then one result. Nothing else is printed there. */
export function jsonPresenter(output: Output, errors: Output): Presenter {
  return {
    print: () => undefined,
    emit: (event) => output.writeJson(event),
    say: (text) => errors.write(`${text}\n`),
    hold: () => undefined,
    finish({ exit, problem, data }) {
      output.writeJson({
        event: "result",
        ok: exit === 0 || exit === 10,
        exit,
        ...data,
        ...(problem && { problem }),
      });
    },
  };
}
