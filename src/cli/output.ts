import { styleText } from "node:util";
import type { Redactor } from "./redact.ts";

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
export type Paint = (style: Style, text: string) => string;

/** One stream, redacted: all that presenters know of the outside. */
export interface Output {
  readonly isTerminal: boolean;
  columns(): number;
  rows(): number;
  readonly paint: Paint;
  write(text: string): void;
  /** One JSON object as a line; only texts in it are redacted, so that it stays JSON whatever the secrets look like. */
  writeJson(value: Readonly<Record<string, unknown>>): void;
}

interface Stream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** `closed` is told once, when the reader has gone away (EPIPE); later writes are dropped in silence. */
export function createOutput(stream: Stream, redactor: Redactor, closed: () => void): Output {
  let isOpen = true;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") {
      throw error;
    }
    if (isOpen) {
      isOpen = false;
      closed();
    }
  });
  const send = (text: string): void => {
    if (isOpen) {
      stream.write(text);
    }
  };
  const redacted = (value: unknown): unknown => (typeof value === "string" ? redactor.redact(value) : value);
  return {
    isTerminal: stream.isTTY === true,
    // A pseudo-terminal may report 0 columns or rows.
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
    paint: paintFor(stream),
    write: (text) => send(redactor.redact(text)),
    writeJson: (value) => send(`${JSON.stringify(value, (_key, inner) => redacted(inner))}\n`),
  };
}

/** Colour where styleText would give it: a terminal, or FORCE_COLOR; never with NO_COLOR. */
function paintFor(stream: Stream): Paint {
  const hasColour = styleText("red", "x", { stream }) !== "x";
  return hasColour
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}
