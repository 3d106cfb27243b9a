import { Terminal } from "@xterm/headless";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a person sees once everything is written: the screen with its history, read back from a real terminal. */
export async function readTerminal(
  text: string,
  { columns, rows }: TerminalSize,
): Promise<readonly string[]> {
  const terminal = new Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from(
    { length: active.length },
    (_, row) => active.getLine(row)?.translateToString(true) ?? "",
  );
  terminal.dispose();
  while (lines.at(-1) === "") {
    lines.pop();
  }
  return lines;
}
