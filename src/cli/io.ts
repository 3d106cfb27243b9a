import type { GlobalFlags, Io } from "./command.ts";
import { createInterrupt } from "./interrupt.ts";
import { createOutput } from "./output.ts";
import { jsonPresenter } from "./present/json.ts";
import type { Presenter } from "./present/presenter.ts";
import { createRedactor } from "./redact.ts";

export interface Session {
  readonly io: Io;
  readonly presenter: Presenter;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The real streams behind Io. `gone` ends the program when nobody reads and the command does not care for signals. */
export async function openSession(global: GlobalFlags, gone: () => void): Promise<Session> {
  const redactor = createRedactor();
  const closed = new AbortController();
  let isGuarded = false;
  const output = createOutput(process.stdout, redactor, () => {
    closed.abort();
    if (!isGuarded) {
      gone();
    }
  });
  const errors = createOutput(process.stderr, redactor, () => undefined);
  const presenter = global.json
    ? jsonPresenter(output, errors)
    : output.isTerminal
      ? (await import("./present/terminal.ts")).terminalPresenter(output, errors, {
          isVerbose: global.verbose,
        })
      : (await import("./present/plain.ts")).plainPresenter(output, errors);
  const interrupt = createInterrupt((text) => presenter.say(text));
  const data: Record<string, unknown> = {};
  const io: Io = {
    cwd: process.cwd(),
    env: process.env,
    print: (text) => presenter.print(text),
    emit: (event) => presenter.emit(event),
    result: (more) => void Object.assign(data, more),
    secret: (value) => redactor.add(value),
    redact: (text) => redactor.redact(text),
    async confirm(question) {
      presenter.hold(true);
      try {
        return await (await import("./confirm.ts")).confirm(question, global);
      } finally {
        presenter.hold(false);
      }
    },
    isTerminal: output.isTerminal && !global.json,
    columns: output.isTerminal ? output.columns() : 80,
    get signal() {
      isGuarded = true;
      interrupt.arm();
      return interrupt.signal;
    },
    again: interrupt.again,
    closed: closed.signal,
  };
  return { io, presenter, data };
}
