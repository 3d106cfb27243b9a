import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { drainReleases } from "../../../src/release/drain.ts";
import { observeReleases } from "../../../src/release/observe.ts";
import { type Place, openPlace, releasePath } from "../../../src/release/place.ts";
import { preflight } from "../../../src/release/preflight.ts";
import { freeSpace } from "../../../src/release/space.ts";
import { switchCurrent } from "../../../src/release/switch.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { specOf, stage, write } from "./source-tree.ts";

function canMount(): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0;
}

interface Bed {
  readonly place: Place;
  readonly source: string;
  readonly live: string;
}

/** A file system of 4 MB with a live release on it. */
async function bed(): Promise<Bed> {
  const root = scratch();
  const path = join(root, "disk");
  const source = write(join(root, "app"), { "a.js": "1" });
  write(path, {});
  spawnSync("mkdir", ["-p", path]);
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m,nr_inodes=2000", "tmpfs", path]).status).toBe(0);
  onTestFinished(() => void spawnSync("umount", ["-l", path]));
  const place = await openPlace(path);
  const { id } = await stage(place, specOf(source));
  await switchCurrent(place, id);
  return { place, source, live: id };
}

describe.skipIf(!canMount())("a full disk", () => {
  test("is foreseen", async () => {
    const { place, source } = await bed();
    const [finding] = await preflight(place, { kind: "directory", path: source });
    expect(finding?.problem).toMatchObject({ code: "DISK_SHORT", exit: 3 });
  });

  test("while the source is copied ends in one sentence, gives the room back and leaves the live release", async () => {
    const { place, source, live } = await bed();
    for (const name of ["a", "b", "c", "d"]) writeFileSync(join(source, name), Buffer.alloc(1_500_000, "x"));
    const before = await freeSpace(place.path);
    const problem = await problemOf(stage(place, specOf(source), { previous: live }));
    expect(problem).toMatchObject({ code: "DISK_FULL", exit: 4 });
    expect(problem.what).toContain("the disk is full");
    expect(problem.state).toBe(`Release ${live} still serves; nothing was switched.`);
    expect(before.bytes - (await freeSpace(place.path)).bytes).toBeLessThan(100_000);
    expect(readlinkSync(place.current)).toBe(`releases/${live}`);
    expect(readFileSync(join(place.current, "a.js"), "utf8")).toBe("1");
  });

  test("in a build is the build's failure with its own words", async () => {
    const { place, source, live } = await bed();
    const run = ["head -c 6000000 /dev/zero > big"];
    const build = { run, where: "server", cache: {}, timeoutMs: 10_000 } as const;
    const problem = await problemOf(stage(place, specOf(source, { build }), { previous: live }));
    expect(problem.code).toBe("BUILD_FAILED");
    expect(problem.evidence?.join()).toMatch(/No space left/);
    expect((await observeReleases(place)).current).toBe(live);
  });

  test("to the last byte still lets a rollback happen, and cleaning never fails", async () => {
    const { place, source, live } = await bed();
    const next = await stage(place, specOf(source));
    await switchCurrent(place, next.id);
    spawnSync("sh", ["-c", `cat /dev/zero > ${join(place.path, "ballast")}`]);
    expect((await freeSpace(place.path)).bytes).toBeLessThan(4096);
    const notes = await switchCurrent(place, live);
    expect((await observeReleases(place)).current).toBe(live);
    expect(notes.join() === "" || notes.join().includes("could not be written")).toBe(true);
    await drainReleases(place, { mark: "bad", of: next.id, keep: 5 });
    expect(existsSync(join(releasePath(place, live), "a.js"))).toBe(true);
    expect(readdirSync(place.path).filter((name) => name.startsWith(".current"))).toEqual([]);
  });
});
