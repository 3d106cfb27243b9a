import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readHolder } from "../../../src/fleet/deploy-lock.ts";
import { takeLock } from "../../../src/fleet/flock.ts";

const canMount = userInfo().uid === 0 && spawnSync("unshare", ["-m", "true"]).status === 0;
const info = { operator: "ada@laptop", pid: process.pid, doing: "deploy", since: 1 };

it.skipIf(!canMount)(
  "a lock on another file system whose file has the same number is not taken for ours",
  async () => {
    const root = mkdtempSync(join(tmpdir(), "cutover-holder-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const [ours, theirs] = ["ours", "theirs"].map((name) => {
      const directory = join(root, name);
      mkdirSync(directory);
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]).status).toBe(0);
      onTestFinished(() => void spawnSync("umount", ["-l", directory]));
      writeFileSync(join(directory, "deploy.lock"), "");
      return directory;
    });
    const numberOf = (directory = ""): number => statSync(join(directory, "deploy.lock")).ino;
    expect(numberOf(ours)).toBe(numberOf(theirs));
    // Left by an operator that was killed.
    writeFileSync(join(ours ?? "", "deploy.holder"), JSON.stringify(info));
    const lock = await takeLock(join(theirs ?? "", "deploy.lock"), 0);
    expect(await readHolder(ours ?? "")).toBeNull();
    await lock?.release();
    const own = await takeLock(join(ours ?? "", "deploy.lock"), 0);
    expect(await readHolder(ours ?? "")).toEqual(info);
    await own?.release();
  },
);
