import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { holdDeployLock, lockByHand, readHolder } from "../../src/fleet/deploy-lock.ts";

let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "cutover-now-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

test("whoever changes the app is known until the change has ended", async () => {
  const info = { operator: "ann@web1", pid: process.pid, doing: "deploy", since: 1 };
  expect(await readHolder(home)).toBeNull();
  const lock = await holdDeployLock(home, info);
  expect(await readHolder(home)).toEqual(info);
  await expect(holdDeployLock(home, info)).rejects.toThrow("ann@web1 (pid");
  await lock.release();
  expect(await readHolder(home)).toBeNull();
});

test("a holder that was killed changes nothing any more", async () => {
  const dead = { operator: "ann@web1", pid: 4_194_305, doing: "deploy", since: 1 };
  await writeFile(join(home, "deploy.holder"), JSON.stringify(dead));
  expect(await readHolder(home)).toBeNull();
});

test("an app that is locked by hand is not held by a change", async () => {
  await lockByHand(home, { operator: "bob@web1", since: 1, message: "" });
  expect(await readHolder(home)).toBeNull();
});
