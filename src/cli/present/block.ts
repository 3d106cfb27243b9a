import type { Output } from "../output.ts";

const repaintMs = 200;
const noWrap = "\u001B[?7l";
const wrap = "\u001B[?7h";

/** Lines at the bottom of the terminal that are redrawn in place. */
export interface Block {
  draw(): void;
  /** Writes something that stays, above the block. */
  above(write: () => void): void;
  /** While held nothing is drawn: a question owns the terminal. */
  hold(isHeld: boolean): void;
  close(): void;
}

export function createBlock(output: Output, lines: () => readonly string[]): Block {
  let drawn = 0;
  let isHeld = false;
  const clock = setInterval(() => drawn > 0 && draw(), repaintMs).unref();

  function draw(): void {
    if (isHeld) {
      return;
    }
    const next = lines();
    const text = next.map((line) => `${line}\u001B[K\n`).join("");
    if (next.length > 0 || drawn > 0) {
      // Without wrapping one line is one row, whatever its characters are wide.
      output.write(`${up(drawn)}${noWrap}${text}${wrap}\u001B[J`);
    }
    drawn = next.length;
  }

  function erase(): void {
    if (drawn > 0) {
      output.write(`${up(drawn)}\u001B[J`);
      drawn = 0;
    }
  }

  return {
    draw,
    above(write) {
      erase();
      write();
      draw();
    },
    hold(held) {
      if (held) {
        erase();
      }
      isHeld = held;
      draw();
    },
    close() {
      clearInterval(clock);
      draw();
    },
  };
}

function up(rows: number): string {
  return rows === 0 ? "" : `\u001B[${rows}A\r`;
}
