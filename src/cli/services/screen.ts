import { styleText } from "node:util";

const enter = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const leave = "\u001B[?7h\u001B[?25h\u001B[?1049l";

/** The whole terminal, given back as it was when it is closed. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  draw(lines: readonly string[]): void;
  close(): void;
}

/** `onKey` gets "up", "down", "q", "ctrl-c" and so on. Needs a terminal on both sides. */
export function openScreen(onKey: (key: string) => void): Screen {
  const { stdin, stdout } = process;
  const read = (bytes: Buffer): void => onKey(keyName(bytes.toString("utf8")));
  const restore = (): void => void stdout.write(leave);
  stdout.write(enter);
  process.once("exit", restore);
  stdin.setRawMode(true);
  stdin.on("data", read);
  return {
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    draw(lines) {
      const shown = lines.slice(0, this.rows);
      stdout.write(`\u001B[H${shown.map((line) => `${line}\u001B[K`).join("\n")}\u001B[J`);
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
