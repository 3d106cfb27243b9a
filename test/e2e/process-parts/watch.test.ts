import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { watchPaths } from "../../../src/process/supervisor/watch.ts";
import type { Watch } from "../../../src/process/supervisor/watch.ts";
import { until } from "./until.ts";

let directory: string;
let watching: Watch | null;
let calls: string[][];

async function watch(...paths: string[]): Promise<void> {
  calls = [];
  watching = await watchPaths(
    paths.map((path) => join(directory, path)),
    (changed) => calls.push(changed.map((path) => path.slice(directory.length + 1))),
    { ignore: ["tmp"], quietMs: 100 },
  );
}

function write(path: string): void {
  writeFileSync(join(directory, path), String(Math.random()));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "watch-"));
  for (const made of ["src/deep", "node_modules/a", ".git", "logs", "tmp"]) {
    mkdirSync(join(directory, made), { recursive: true });
  }
});
afterEach(() => {
  watching?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("watchPaths", () => {
  test("changes in a burst are told once, when they are quiet", async () => {
    await watch("");
    write("src/deep/a.js");
    write("src/b.js");
    write("c.js");
    await until(() => calls.length > 0);
    expect(calls).toEqual([["c.js", "src/b.js", "src/deep/a.js"]]);
  });

  test("dependencies, history, logs and ignored names are not looked at", async () => {
    await watch("");
    for (const path of ["node_modules/a/x.js", ".git/index", "logs/a.log", "tmp/x"]) write(path);
    write("last.js");
    await until(() => calls.length > 0);
    expect(calls).toEqual([["last.js"]]);
  });

  test("a directory made later is watched as well", async () => {
    await watch("");
    mkdirSync(join(directory, "src/new/sub"), { recursive: true });
    await until(() => calls.length > 0);
    write("src/new/sub/late.js");
    await until(() => calls.flat().includes("src/new/sub/late.js"));
  });

  test("one file is watched through its replacement by rename, its neighbours are not", async () => {
    write("config.json");
    await watch("config.json");
    write("other.json");
    write(".config.swap");
    renameSync(join(directory, ".config.swap"), join(directory, "config.json"));
    await until(() => calls.length > 0);
    write("config.json");
    await until(() => calls.length > 1);
    expect(calls).toEqual([["config.json"], ["config.json"]]);
  });

  test("nothing is told after close", async () => {
    await watch("");
    write("a.js");
    watching?.close();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(calls).toEqual([]);
  });
});
