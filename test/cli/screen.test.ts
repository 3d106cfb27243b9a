import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { openScreen } from "../../src/cli/screen.ts";
import { readTerminal } from "./read-terminal.ts";

const size = { columns: 40, rows: 6 };

function open(keys: string[] = []) {
  const written: string[] = [];
  const events = new EventEmitter();
  const raw: boolean[] = [];
  const stdin = Object.assign(events, {
    pause: () => stdin,
    setRawMode: (isRaw: boolean) => {
      raw.push(isRaw);
      return stdin;
    },
  });
  const stdout = { ...size, write: (text: string) => written.push(text) };
  // The screen uses nothing else of a real terminal.
  const streams = { stdin, stdout } as unknown as Parameters<typeof openScreen>[1];
  const screen = openScreen((key) => void keys.push(key), streams);
  return { screen, written, events, raw, stdout };
}

test("what was drawn last is what is seen", async () => {
  const { screen, written } = open();
  screen.draw(["one", "two", "three"]);
  screen.draw(["one", "2"]);
  const seen = await readTerminal(written.join(""), size);
  screen.close();
  expect(seen).toEqual(["one", "2"]);
});

test("only rows that changed are painted again", () => {
  const { screen, written } = open();
  screen.draw(["head", "a 1", "b 1"]);
  const before = written.length;
  screen.draw(["head", "a 1", "b 2"]);
  screen.draw(["head", "a 1", "b 2"]);
  expect(written.slice(before)).toEqual(["\u001B[3;1Hb 2\u001B[K"]);
  screen.close();
});

test("a terminal of another size is painted anew", () => {
  const { screen, written, stdout } = open();
  screen.draw(["head", "a"]);
  stdout.rows = 3;
  screen.draw(["head", "a"]);
  expect(written.at(-1)).toContain("head");
  screen.close();
});

test("lines that do not fit are cut, never wrapped or scrolled", async () => {
  const { screen, written } = open();
  screen.draw(["x".repeat(100), ...Array.from({ length: 10 }, (_, row) => `row ${row}`)]);
  const seen = await readTerminal(written.join(""), size);
  screen.close();
  expect(seen).toEqual(["x".repeat(40), "row 0", "row 1", "row 2", "row 3", "row 4"]);
});

test("keys have names, and the terminal is given back", async () => {
  const keys: string[] = [];
  const { screen, written, events, raw } = open(keys);
  for (const bytes of ["\u001B[A", "\u001BOB", "q", "\u0003"]) {
    events.emit("data", Buffer.from(bytes));
  }
  screen.close();
  events.emit("data", Buffer.from("z"));
  expect(keys).toEqual(["up", "down", "q", "ctrl-c"]);
  expect(raw).toEqual([true, false]);
  expect(await readTerminal(`before\n${written.join("")}after`, size)).toEqual(["before", "after"]);
});
