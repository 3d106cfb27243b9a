import { styleText } from "node:util";

const enter = "\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[2J";
const leave = "\u001B[?7h\u001B[?25h\u001B[?1049l";

/** The whole terminal, given back as it was when it is closed. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  draw(lines: readonly string[]): void;
  close(): void;
}

/** A terminal on both sides, as process.stdin and process.stdout are. */
export interface Streams {
  readonly stdin: Pick<NodeJS.ReadStream, "on" | "off" | "pause" | "setRawMode">;
  readonly stdout: Pick<NodeJS.WriteStream, "columns" | "rows"> & { write(text: string): unknown };
}

/** `onKey` gets "up", "down", "q", "ctrl-c" and so on. */
export function openScreen(onKey: (key: string) => void, streams: Streams = process): Screen {
  const { stdin, stdout } = streams;
  let painted: readonly string[] = [];
  let paintedSize = "";
  const read = (bytes: Buffer): void => onKey(keyName(bytes.toString("utf8")));
  const restore = (): void => void stdout.write(leave);
  stdout.write(enter);
  // Whatever ends the program, the terminal is not left without its cursor.
  process.once("exit", restore);
  stdin.setRawMode(true);
  stdin.on("data", read);
  return {
    // A pseudo-terminal may report 0.
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    draw(lines) {
      const size = `${this.columns}x${this.rows}`;
      const next = lines.slice(0, this.rows);
      const isNew = size !== paintedSize;
      const text = `${isNew ? "\u001B[2J" : ""}${changes(isNew ? [] : painted, next)}`;
      if (text !== "") {
        stdout.write(text);
      }
      painted = next;
      paintedSize = size;
    },
    close() {
      stdin.off("data", read);
      stdin.setRawMode(false);
      stdin.pause();
      process.off("exit", restore);
      restore();
    },
  };
}

/** Only the rows that are not what they were. */
function changes(before: readonly string[], after: readonly string[]): string {
  const rows = Math.max(before.length, after.length);
  return Array.from({ length: rows }, (_, row) =>
    before[row] === after[row] ? "" : `\u001B[${row + 1};1H${after[row] ?? ""}\u001B[K`,
  ).join("");
}

export function inverse(text: string): string {
  return styleText("inverse", text, { validateStream: false });
}

function keyName(bytes: string): string {
  switch (bytes) {
    case "\u001B[A":
    case "\u001BOA":
    case "k":
      return "up";
    case "\u001B[B":
    case "\u001BOB":
    case "j":
      return "down";
    case "\u0003":
      return "ctrl-c";
    default:
      return bytes;
  }
}
