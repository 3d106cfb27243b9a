import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { rotateLog } from "../../../src/process/supervisor/rotate.ts";
import { until } from "./until.ts";

const directories: string[] = [];
function temporary(parent: string): string {
  const directory = mkdtempSync(join(parent, "rotate-"));
  directories.push(directory);
  return directory;
}
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Numbers its lines, of uneven length, until it is told to end; two of them share the file. Prints its last number. */
const writer = `
  use Fcntl; my ($file, $name) = @ARGV; my $end = 0; $SIG{TERM} = sub { $end = 1 };
  sysopen(F, $file, O_WRONLY|O_CREAT|O_APPEND) or die;
  my $i = 0;
  until ($end) {
    $i++; syswrite(F, "$name $i " . ("x" x ($i * 7 % 300)) . "\\n");
    select(undef, undef, undef, 0.001) if $i % 40 == 0;
  }
  print $i;`;

function archives(file: string): string[] {
  const numbers = readdirSync(join(file, ".."))
    .map((name) => /\.log\.(\d+)\.gz$/.exec(name)?.[1])
    .flatMap((number) => (number === undefined ? [] : [Number(number)]));
  return numbers.sort((a, b) => b - a).map((number) => `${file}.${String(number)}.gz`);
}

/** All lines, oldest first; what rotation blanked and punched is skipped. */
function allLines(file: string): string[] {
  const old = archives(file).map((archive) => gunzipSync(readFileSync(archive)).toString());
  return [...old, readFileSync(file, "utf8").replace(/^\0+/, "")]
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.trim() !== "");
}

async function rotateWhileWriting(file: string): Promise<string[]> {
  const names = ["a", "b"];
  const writers = names.map((name) => spawn("perl", ["-e", writer, file, name]));
  const counts = writers.map(async (child) => Number((await child.stdout.toArray()).join("")));
  const used: string[] = [];
  while (used.length < 20) {
    await until(() => existsSync(file) && statSync(file).size > 0);
    const { method } = await rotateLog(file, { maxBytes: 50_000, keep: 1000 });
    if (method !== null) used.push(method);
  }
  for (const child of writers) child.kill("SIGTERM");
  const lines = allLines(file);
  for (const [index, count] of (await Promise.all(counts)).entries()) {
    const own = allLines(file).filter((line) => line.startsWith(`${names[index] ?? ""} `));
    expect(own.map((line) => Number(line.split(" ")[1]))).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    expect(own.every((line, at) => line.endsWith(` ${"x".repeat(((at + 1) * 7) % 300)}`))).toBe(true);
  }
  expect(lines.filter((line) => !/^[ab] \d+ x*$/.test(line))).toEqual([]);
  return used;
}

describe("rotateLog", () => {
  test("20 rotations under two writers keep every line once, in order and whole", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    const used = await rotateWhileWriting(file);
    expect(used).toHaveLength(20);
    expect(used).not.toContain("truncate");
    expect(statSync(file).blocks * 512).toBeLessThan(30_000_000);
  });

  test("the same where the file system can only punch holes", async () => {
    const file = join(temporary("/dev/shm"), "web-0.log");
    const used = await rotateWhileWriting(file);
    expect(used).toEqual(Array.from({ length: 20 }, () => "punch"));
  });

  test("a punched file whose start was forgotten is still archived without its hole", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    writeFileSync(file, "first line\n".repeat(2000));
    expect(await rotateLog(file, { maxBytes: 1000, keep: 3, methods: ["punch"] })).toMatchObject({
      method: "punch",
    });
    expect(await rotateLog(file, { maxBytes: 10_000, keep: 3 })).toMatchObject({ method: null });
    rmSync(`${file}.start`);
    writeFileSync(file, "second line\n".repeat(2000), { flag: "a" });
    await rotateLog(file, { maxBytes: 1000, keep: 3, methods: ["collapse"] });
    expect(allLines(file)).toEqual([
      ...Array.from({ length: 2000 }, () => "first line"),
      ...Array.from({ length: 2000 }, () => "second line"),
    ]);
  });

  test("where nothing else works the file is copied and emptied, which the result tells", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    writeFileSync(file, `${"line\n".repeat(5000)}half`);
    const result = await rotateLog(file, { maxBytes: 1000, keep: 3, methods: ["truncate"] });
    expect(result).toEqual({ method: "truncate", removedBytes: 25_004 });
    expect(statSync(file).size).toBe(0);
    expect(allLines(file)).toEqual([...Array.from({ length: 5000 }, () => "line"), "half"]);
  });

  test("only the newest `keep` archives stay, readable by the owner only", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    for (let round = 1; round <= 5; round += 1) {
      writeFileSync(file, `round ${String(round)}\n`.repeat(3000), { flag: "a" });
      await rotateLog(file, { maxBytes: 10_000, keep: 2 });
    }
    expect(archives(file)).toEqual([`${file}.2.gz`, `${file}.1.gz`]);
    expect(gunzipSync(readFileSync(`${file}.1.gz`)).toString()).toContain("round 5");
    expect(statSync(`${file}.1.gz`).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBeLessThan(8192);
  });

  test("keep 0 keeps nothing", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    writeFileSync(file, "line\n".repeat(5000));
    await rotateLog(file, { maxBytes: 1000, keep: 0 });
    expect(archives(file)).toEqual([]);
    expect(statSync(file).size).toBeLessThan(8192);
  });

  test("a small or absent file is left alone", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    expect(await rotateLog(file, { maxBytes: 10, keep: 1 })).toEqual({ method: null, removedBytes: 0 });
    writeFileSync(file, "x".repeat(1000));
    expect(await rotateLog(file, { maxBytes: 10, keep: 1 })).toEqual({ method: null, removedBytes: 0 });
    expect(archives(file)).toEqual([]);
  });

  test("one line longer than the bound is cut rather than kept for ever", async () => {
    const file = join(temporary(tmpdir()), "web-0.log");
    writeFileSync(file, "x".repeat(50_000));
    await rotateLog(file, { maxBytes: 10_000, keep: 1 });
    expect(gunzipSync(readFileSync(`${file}.1.gz`)).toString()).toBe("x".repeat(50_000));
    expect(readFileSync(file, "utf8").trim()).toBe("");
  });
});
