import type { Output } from "../output.ts";
import type { Presenter } from "./presenter.ts";

/** NDJSON on stdout: every event as it is, then one result. Nothing else is printed there. */
export function jsonPresenter(output: Output, errors: Output): Presenter {
  const line = (value: unknown): void => output.write(`${JSON.stringify(value)}\n`);
  return {
    print: () => undefined,
    emit: line,
    say: (text) => errors.write(`${text}\n`),
    hold: () => undefined,
    finish({ exit, problem, data }) {
      line({ event: "result", ok: exit === 0 || exit === 10, exit, ...data, ...(problem && { problem }) });
    },
  };
}
