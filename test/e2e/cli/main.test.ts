import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { cutover, mainFile, run } from "./run-cutover.ts";

describe("a command line", () => {
  test("alone prints the short help by groups and ends well", async () => {
    const { exit, out } = await cutover([]);
    expect(exit).toBe(0);
    expect(out).toContain("Usage: cutover COMMAND [flags]");
    expect(out).toMatch(/\nAbout\n(?: {2}\w.*\n)+/);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  test.each([
    [["versoin"], 'There is no command "versoin". Did you mean "version"?'],
    [["version", "--jsno"], '"cutover version" has no flag --jsno. Did you mean --json?'],
    [["version", "now"], 'There is no place for "now".'],
    [["docs", "--markdown=yes"], "markdown"],
    [["--bogus"], "has no flag --bogus"],
    [["help", "delpoy"], 'There is no command "delpoy"'],
    [["constructor"], 'There is no command "constructor"'],
  ])("with a mistake runs nothing: %j", async (args, what) => {
    const { exit, out, err } = await cutover(args);
    expect({ exit, out }).toEqual({ exit: 2, out: "" });
    expect(err).toContain(what);
    expect(err).toContain("Now:  Nothing was run.");
  });

  test("with --help explains the command instead of running it", async () => {
    const { exit, out } = await cutover(["docs", "--help", "--markdown"]);
    expect(exit).toBe(0);
    expect(out).toContain("Usage: cutover docs [KEY] [--markdown]");
    expect(out).not.toContain("# cutover.yml");
  });

  test("with --json ends in one result object, in failure too", async () => {
    const good = await cutover(["version", "--json"]);
    expect(JSON.parse(good.out)).toMatchObject({
      event: "result",
      ok: true,
      exit: 0,
      version: expect.any(String),
    });
    const bad = await cutover(["--json", "config", "-c", "/nonexistent.yml"]);
    expect(bad.exit).toBe(2);
    expect(JSON.parse(bad.out)).toMatchObject({
      event: "result",
      ok: false,
      exit: 2,
      problem: { code: "CONFIG_MISSING" },
    });
  });
});

describe("output", () => {
  test("has colours only where they are wanted", async () => {
    const escape = "\u001B[";
    expect((await cutover(["nope"])).err).not.toContain(escape);
    expect((await cutover(["nope"], { env: { ...process.env, FORCE_COLOR: "1" } })).err).toContain(escape);
    const none = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
    expect((await cutover(["nope"], { env: none })).err).not.toContain(escape);
  });

  test("into a pipe that closes ends quietly", async () => {
    const { exit, out, err } = await run("sh", [
      "-c",
      `{ "${process.execPath}" "${mainFile}" docs --markdown; echo "exit $?" >&2; } | head -n 1`,
    ]);
    expect({ exit, out, err }).toEqual({ exit: 0, out: "# cutover.yml\n", err: "exit 0\n" });
  });
});

test("a bug in cutover says so, gives no bare stack trace, and shows it with --verbose", async () => {
  const directory = await mkdtemp(join(tmpdir(), "cutover-bug-"));
  try {
    const crash = join(directory, "crash.mjs");
    await writeFile(crash, 'JSON.stringify = () => { throw new TypeError("planted"); };\n');
    const env = { ...process.env, NODE_OPTIONS: `--import ${crash}` };
    const plain = await cutover(["schema"], { env });
    expect(plain.exit).toBe(1);
    expect(plain.err).toContain(
      "BUG  This is a bug in cutover, not in what you asked for: TypeError: planted",
    );
    expect(plain.err).toContain("--verbose");
    expect(plain.err).not.toContain("    at ");
    expect((await cutover(["schema", "--verbose"], { env })).err).toContain("at ");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("an error thrown where nobody waits for it is told the same way", async () => {
  const directory = await mkdtemp(join(tmpdir(), "cutover-stray-"));
  try {
    const program = join(directory, "stray.mjs");
    const runFile = join(dirname(mainFile), "run.js");
    await writeFile(
      program,
      `import { run } from ${JSON.stringify(runFile)};
       setImmediate(() => { throw new Error("stray"); });
       await run(["help"], (exit) => process.exit(exit));`,
    );
    const { exit, err } = await run(process.execPath, [program]);
    expect(exit).toBe(1);
    expect(err).toContain("BUG  This is a bug in cutover, not in what you asked for: Error: stray");
    expect(err).not.toContain("    at ");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("an older Node is told so before anything else", async () => {
  const directory = await mkdtemp(join(tmpdir(), "cutover-old-"));
  try {
    const older = join(directory, "older.cjs");
    await writeFile(older, 'Object.defineProperty(process.versions, "node", { value: "18.20.1" });\n');
    const { exit, err } = await cutover(["version"], {
      env: { ...process.env, NODE_OPTIONS: `--require ${older}` },
    });
    expect(exit).toBe(2);
    expect(err).toContain("cutover needs Node.js 20.19 or newer");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("cutover version starts within 20 ms of bare node", () => {
  const milliseconds = (args: readonly string[]): number => {
    const start = process.hrtime.bigint();
    spawnSync(process.execPath, args, { stdio: "ignore" });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const bare: number[] = [];
  const version: number[] = [];
  const extra = (): number => Math.min(...version) - Math.min(...bare);
  // A busy machine gets more rounds: only the minimum says something.
  for (let round = 0; round < 20 || (round < 60 && extra() >= 20); round += 1) {
    bare.push(milliseconds(["-e", "0"]));
    version.push(milliseconds([mainFile, "version"]));
  }
  console.log(`cutover version: ${extra().toFixed(1)} ms over bare node`);
  expect(extra()).toBeLessThan(20);
});
