import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { descriptorsOf, launchScript } from "../../../src/process/supervisor/launch-script.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync("/tmp/cut over-");
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function run(plan: {
  readonly run: string | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}): string {
  const logFile = join(directory, "it's a log");
  const script = launchScript({
    runDirectory: directory,
    logFile,
    cwd: directory,
    spares: [],
    env: {},
    ...plan,
  });
  writeFileSync(join(directory, "launch.sh"), script);
  execFileSync("/bin/sh", [join(directory, "launch.sh")], { env: { PATH: process.env["PATH"] } });
  return readFileSync(logFile, "utf8");
}

it("hands every value to the program unchanged, and nothing that is no name", () => {
  const nasty = "a'b\"c $HOME `id` \\ \n\t*é";
  const env = { NASTY: nasty, "not-a-name": "x", "x; touch /tmp/no": "y" };
  const print =
    "process.stdout.write(JSON.stringify([process.env.NASTY, process.argv[1], process.cwd(), process.env.PWD]))";
  expect(JSON.parse(run({ env, run: [process.execPath, "-e", print, nasty] }))).toEqual([
    nasty,
    nasty,
    directory,
    directory,
  ]);
});

it("gives a line to the shell, both streams to the log, and its own pid to the program", () => {
  const log = run({ run: "echo out; echo err >&2; echo $LISTEN_PID", env: {} });
  const pid = readFileSync(join(directory, "pid"), "utf8");
  expect(log).toBe(`out\nerr\n${pid}`);
});

it("gives each port its descriptors, the first of each in a row from 3 on, one digit all", () => {
  expect(descriptorsOf([])).toEqual({});
  expect(descriptorsOf([3000])).toEqual({ "3000": [3, 4, 5, 6, 7, 8, 9] });
  expect(descriptorsOf([3000, 9000])).toEqual({ "3000": [3, 5, 6], "9000": [4, 7, 8] });
  expect(descriptorsOf([1, 2, 3, 4])).toEqual({ "1": [3], "2": [4], "3": [5], "4": [6] });
});
