import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type DrainInput, drainReleases } from "../../../src/release/drain.ts";
import { observeReleases } from "../../../src/release/observe.ts";
import { occupiedReleases } from "../../../src/release/occupied.ts";
import { type Place, openPlace, releasePath } from "../../../src/release/place.ts";
import { type ReleaseRecord, readRecord, writeRecord } from "../../../src/release/record.ts";
import { reserveRelease } from "../../../src/release/release-id.ts";
import { switchCurrent } from "../../../src/release/switch.ts";
import { scratch } from "../../release/scratch.ts";
import { until } from "./child.ts";
import { write } from "./source-tree.ts";

/** Needs root, and a file system that knows the flag. */
function canFreeze(): boolean {
  const file = join(mkdtempSync(join(tmpdir(), "cutover-freeze-")), "file");
  writeFileSync(file, "");
  const isFrozen = spawnSync("chattr", ["+i", file]).status === 0;
  spawnSync("chattr", ["-i", file]);
  rmSync(dirname(file), { recursive: true });
  return isFrozen;
}

async function bed(
  ...records: readonly (readonly [number, ReleaseRecord["state"], boolean?])[]
): Promise<Place> {
  const place = await openPlace(scratch());
  for (const [number, state, wasLive = state === "good"] of records) {
    write(releasePath(place, id(number)), { "a.js": "" });
    await writeRecord(place, { id: id(number), state, wasLive });
  }
  return place;
}

function id(number: number): string {
  return String(20_261_121_000_000 + number);
}

function left(place: Place): readonly number[] {
  return readdirSync(place.releases)
    .map((name) => Number(name) - 20_261_121_000_000)
    .sort((a, b) => a - b);
}

async function drain(place: Place, of: number, input: Partial<DrainInput> = {}): Promise<readonly string[]> {
  return drainReleases(place, { mark: "good", of: id(of), keep: 2, ...input });
}

describe("drainReleases", () => {
  test("marks the release and keeps as many as were asked for", async () => {
    const place = await bed([1, "good"], [2, "good"], [3, "good"], [4, "staged"]);
    await switchCurrent(place, id(4));
    expect(await drain(place, 4)).toEqual([]);
    expect(left(place)).toEqual([3, 4]);
    const { releases } = await observeReleases(place);
    expect(releases.map(({ id, state }) => [id, state])).toEqual([
      [id(3), "good"],
      [id(4), "good"],
    ]);
    expect(readdirSync(place.records)).toEqual([`${id(3)}.json`, `${id(4)}.json`]);
    expect(readdirSync(place.trash)).toEqual([]);
  });

  test("after a failed release the old one stays, and the failed one stays to be inspected", async () => {
    const place = await bed([1, "good"], [2, "failed"], [3, "failed"], [4, "good"], [5, "staged"]);
    await switchCurrent(place, id(4));
    await drain(place, 5, { mark: "failed" });
    expect(left(place)).toEqual([1, 3, 4, 5]);
    expect((await readRecord(place, id(5)))?.state).toBe("failed");
  });

  test.each([
    ["stands", (directory: string) => spawn("sleep", ["600"], { cwd: directory, stdio: "ignore" })],
    [
      "has a file open",
      (directory: string) => {
        const file = openSync(join(directory, "a.js"), "r");
        const child = spawn("sleep", ["600"], { stdio: [file, "ignore", "ignore"] });
        closeSync(file);
        return child;
      },
    ],
  ])("a release that a process %s in is never removed", async (_how, start) => {
    const place = await bed([1, "good"], [2, "good"], [3, "good"]);
    await switchCurrent(place, id(3));
    const child = start(releasePath(place, id(1)));
    onTestFinished(() => void child.kill("SIGKILL"));
    await until(async () => (await occupiedReleases(place)).has(id(1)));
    expect((await drain(place, 3)).join()).toContain(`release ${id(1)} stays: a process still runs in it`);
    expect(left(place)).toEqual([1, 2, 3]);
    child.kill("SIGKILL");
    await until(async () => !(await occupiedReleases(place)).has(id(1)));
    expect(await drain(place, 3)).toEqual([]);
    expect(left(place)).toEqual([2, 3]);
  });

  test("links out of a release are removed and not followed", async () => {
    const place = await bed([1, "good"], [2, "good"], [3, "good"]);
    await switchCurrent(place, id(3));
    write(place.shared, { "storage/precious": "1" });
    symlinkSync("../../shared/storage", join(releasePath(place, id(1)), "storage"));
    await drain(place, 3);
    expect(left(place)).toEqual([2, 3]);
    expect(existsSync(join(place.shared, "storage/precious"))).toBe(true);
  });

  test("directories of another tool, files and half made ids are left alone", async () => {
    const place = await bed([2, "good"], [3, "good"], [4, "good"]);
    await switchCurrent(place, id(4));
    write(releasePath(place, id(1)), { "capistrano.txt": "" });
    writeFileSync(join(place.releases, "notes"), "");
    await drain(place, 4);
    expect(readdirSync(place.releases)).toEqual([id(1), id(3), id(4), "notes"]);
  });

  test("an id that was reserved and never staged is freed after an hour", async () => {
    const place = await bed([1, "good"]);
    const [fresh, old] = ["20261121100000", "20261121090000"] as const;
    for (const one of [fresh, old]) expect(await reserveRelease(place, one)).toBe(true);
    const past = new Date(Date.now() - 2 * 60 * 60_000);
    utimesSync(releasePath(place, old), past, past);
    await drain(place, 1);
    expect(readdirSync(place.releases)).toContain(fresh);
    expect(readdirSync(place.releases)).not.toContain(old);
  });

  test("what a killed deployment left half staged is removed, what another one stages now is not", async () => {
    const place = await bed([1, "good"], [2, "staging"], [3, "staging"]);
    const { currentOwner } = await import("../../../src/release/owner.ts");
    await writeRecord(place, {
      id: id(2),
      state: "staging",
      wasLive: false,
      owner: { pid: process.pid, startTicks: "1" },
    });
    await writeRecord(place, { id: id(3), state: "staging", wasLive: false, owner: await currentOwner() });
    await switchCurrent(place, id(1));
    await drain(place, 1);
    expect(left(place)).toEqual([1, 3]);
  });

  test("a state file torn by a crash breaks nothing", async () => {
    const place = await bed([1, "good"], [2, "good"], [3, "good"], [4, "good"]);
    await switchCurrent(place, id(4));
    writeFileSync(join(place.records, `${id(3)}.json`), '{"id":"2026');
    expect(await drain(place, 4)).toEqual([]);
    expect(left(place)).toEqual([2, 3, 4]);
  });

  test("a directory without write permission is removed all the same", async () => {
    const place = await bed([1, "good"], [2, "good"], [3, "good"]);
    await switchCurrent(place, id(3));
    mkdirSync(join(releasePath(place, id(1)), "modules/deep"), { recursive: true });
    spawnSync("chmod", ["-R", "a-w", join(releasePath(place, id(1)), "modules")]);
    expect(await drain(place, 3)).toEqual([]);
    expect(left(place)).toEqual([2, 3]);
    expect(readdirSync(place.trash)).toEqual([]);
  });

  test("never fails, even with nothing to work on", async () => {
    const place = await bed([1, "good"]);
    const occupied = (): Promise<ReadonlySet<string>> => Promise.reject(new Error("no /proc"));
    expect((await drain(place, 1, { occupied })).join()).toContain("no /proc");
    spawnSync("rm", ["-rf", place.path]);
    expect((await drain(place, 1)).length).toBeGreaterThan(0);
  });

  test.skipIf(!canFreeze())("an undeletable file only warns, and is tried again", async () => {
    const place = await bed([1, "good"], [2, "good"], [3, "good"]);
    await switchCurrent(place, id(3));
    const file = join(releasePath(place, id(1)), "a.js");
    const chattr = (flag: string, path: string): void => {
      expect(spawnSync("chattr", [flag, path]).status).toBe(0);
    };
    chattr("+i", file);
    onTestFinished(() => void spawnSync("chattr", ["-R", "-i", place.path]));
    expect((await drain(place, 3)).join()).toContain("could not be removed");
    expect(left(place), "out of releases/ all the same").toEqual([2, 3]);
    expect((await drain(place, 3)).join(), "said again").toContain("could not be removed");
    const [grave = ""] = readdirSync(place.trash);
    chattr("-i", join(place.trash, grave, "a.js"));
    expect(await drain(place, 3)).toEqual([]);
    expect(readdirSync(place.trash)).toEqual([]);
  });

  test.skipIf(!canFreeze())(
    "a release whose own directory cannot be moved stays known and is tried again",
    async () => {
      const place = await bed([1, "good"], [2, "good"], [3, "good"]);
      await switchCurrent(place, id(3));
      const directory = releasePath(place, id(1));
      spawnSync("chattr", ["+i", directory]);
      onTestFinished(() => void spawnSync("chattr", ["-R", "-i", place.path]));
      expect((await drain(place, 3)).join()).toContain("could not be removed");
      expect(left(place)).toEqual([1, 2, 3]);
      spawnSync("chattr", ["-i", directory]);
      expect(await drain(place, 3)).toEqual([]);
      expect(left(place)).toEqual([2, 3]);
    },
  );
});
