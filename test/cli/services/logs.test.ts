import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followLogs } from "../../../src/cli/services/log-follow.ts";
import { coloured } from "../../../src/cli/services/log-sources.ts";
import { emptyLog, lastLines, logFilesIn } from "../../../src/cli/services/log-lines.ts";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cutover-logs-"));
  file = join(directory, "api-0.log");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index)}\n`).join("");

test("the last lines are found without reading the whole file", () => {
  writeFileSync(file, numbered(0, 50_000));
  expect(lastLines(file, 3).lines).toEqual(["line 49997", "line 49998", "line 49999"]);
  expect(lastLines(file, 0).lines).toEqual([]);
  expect(lastLines(file, 60_000).lines).toHaveLength(50_000);
  expect(lastLines(join(directory, "none.log"), 5)).toEqual({ lines: [], end: 0 });
});

test("a file that was just rotated is completed from its newest archive, without filler or hole", () => {
  writeFileSync(`${file}.1.gz`, gzipSync(numbered(0, 10)));
  writeFileSync(file, `${" ".repeat(500)}\n${numbered(10, 12)}`);
  expect(lastLines(file, 4).lines).toEqual(["line 8", "line 9", "line 10", "line 11"]);
  writeFileSync(file, Buffer.concat([Buffer.alloc(200_000), Buffer.from(numbered(10, 12))]));
  expect(lastLines(file, 4).lines).toEqual(["line 8", "line 9", "line 10", "line 11"]);
});

test("log files are found by slot, and not those of a service with a similar name", () => {
  const logs = join(directory, "logs");
  mkdirSync(join(logs, "shop"), { recursive: true });
  for (const name of ["web-10.log", "web-2.log", "web-2.log.1.gz", "web-admin-0.log", "web.log"]) {
    writeFileSync(join(logs, "shop", name), "");
  }
  expect(logFilesIn(logs, "shop", "web")).toEqual([
    join(logs, "shop/web-2.log"),
    join(logs, "shop/web-10.log"),
  ]);
  expect(logFilesIn(logs, "none", "web")).toEqual([]);
});

test("flushing empties a log and removes its archives and nothing else", () => {
  for (const name of ["api-0.log", "api-0.log.1.gz", "api-0.log.start", "api-0.logbook"]) {
    writeFileSync(join(directory, name), "x");
  }
  emptyLog(file);
  expect(readFileSync(file, "utf8")).toBe("");
  expect(() => readFileSync(`${file}.1.gz`)).toThrow("ENOENT");
  expect(() => readFileSync(`${file}.start`)).toThrow("ENOENT");
  expect(readFileSync(join(directory, "api-0.logbook"), "utf8")).toBe("x");
});

async function followed(count: number, changes: readonly (() => void)[]): Promise<readonly string[]> {
  const over = new AbortController();
  const lines: string[] = [];
  let step = 0;
  const wanted = (): void => {
    if (lines.length >= count) over.abort();
  };
  const following = followLogs(
    [{ file, from: lastLines(file, 0).end }],
    (_, line) => {
      lines.push(line);
      wanted();
    },
    {
      signal: AbortSignal.any([over.signal, AbortSignal.timeout(5000)]),
      // Asked once before each look at the files: one change between two looks.
      more: () => {
        changes[step]?.();
        step += 1;
        return [];
      },
      pollMs: 1,
    },
  );
  await following;
  return lines;
}

test("followed lines come whole and in order, through truncation and a new file", async () => {
  writeFileSync(file, "old\n");
  const lines = await followed(6, [
    () => appendFileSync(file, "one\ntw"),
    () => appendFileSync(file, "o\n\nthree\n"),
    () => truncateSync(file, 0),
    () => appendFileSync(file, "four\n"),
    () => renameSync(file, `${file}.moved`),
    () => writeFileSync(file, "five\n"),
  ]);
  expect(lines).toEqual(["one", "two", "", "three", "four", "five"]);
});

test("when the head of the file is cut off in whole blocks no line is missed or told twice", async () => {
  const archived = numbered(0, 2000);
  writeFileSync(file, archived);
  const lines = await followed(4, [
    () => appendFileSync(file, "after one\nafter two\n"),
    () => {
      // As rotation does: blocks collapse, the archived rest of the last block becomes filler.
      const cut = Math.floor(archived.length / 4096) * 4096;
      const rest = archived.length - cut;
      writeFileSync(file, `${" ".repeat(rest - 1)}\nafter one\nafter two\nafter three\n`);
    },
    () => appendFileSync(file, "after four\n"),
  ]);
  expect(lines).toEqual(["after one", "after two", "after three", "after four"]);
});

test("colours of a log line stay and end with it, whatever else controls the terminal is taken out", () => {
  expect(coloured("\u001B[31mred\u001B[2J\u001B]0;title\u0007")).toBe("\u001B[31mred\u001B[0m");
  expect(coloured("plain\u001B[1A")).toBe("plain");
});
