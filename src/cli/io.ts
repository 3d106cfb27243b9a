import type { GlobalFlags, Io } from "./command.ts";
import { createInterrupt } from "./interrupt.ts";
import { createOutput, type Output } from "./output.ts";
import { jsonPresenter } from "./present/json.ts";
import type { Presenter } from "./present/presenter.ts";
import { createRedactor } from "./redact.ts";

export interface Session {
  readonly io: Io;
  readonly presenter: Presenter;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The real streams behind Io. `gone` ends the program when nobody reads and the command does not care for signals. */
export async function openSession(
  global: GlobalFlags,
  gone: () => void,
  isForPrograms = false,
): Promise<Session> {
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
  const presenter = isForPrograms
    ? (await import("./present/bare.ts")).barePresenter(errors)
    : await presenterFor(global, output, errors);
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

async function presenterFor(global: GlobalFlags, output: Output, errors: Output): Promise<Presenter> {
  if (global.json) return jsonPresenter(output, errors);
  if (!output.isTerminal) return (await import("./present/plain.ts")).plainPresenter(output, errors);
  const { terminalPresenter } = await import("./present/terminal.ts");
  return terminalPresenter(output, errors, { isVerbose: global.verbose });
}
