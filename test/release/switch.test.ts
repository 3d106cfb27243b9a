import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { observeReleases } from "../../src/release/observe.ts";
import { type Place, openPlace, releasePath } from "../../src/release/place.ts";
import { type ReleaseRecord, readRecord, writeRecord } from "../../src/release/record.ts";
import { switchCurrent } from "../../src/release/switch.ts";
import { problemOf, scratch } from "./scratch.ts";

async function place(...ids: readonly string[]): Promise<Place> {
  const made = await openPlace(scratch());
  for (const id of ids) await release(made, { id, state: "staged", wasLive: false });
  return made;
}

async function release(place: Place, record: ReleaseRecord): Promise<void> {
  mkdirSync(releasePath(place, record.id));
  await writeRecord(place, record);
}

const [one, two] = ["20261121100001", "20261121100002"];

describe("switchCurrent", () => {
  test("points a relative link at the release and says what was live", async () => {
    const at = await place(one, two);
    await switchCurrent(at, one);
    expect(await switchCurrent(at, two)).toEqual([]);
    expect(readlinkSync(at.current)).toBe(`releases/${two}`);
    const { current, releases } = await observeReleases(at);
    expect(current).toBe(two);
    expect(releases.map(({ id, state, wasLive }) => [id, state, wasLive])).toEqual([
      [one, "live", true],
      [two, "live", true],
    ]);
    expect((await readRecord(at, one))?.leftAt).toBeGreaterThan(0);
  });

  test("repeating it changes nothing", async () => {
    const at = await place(one);
    await switchCurrent(at, one);
    await switchCurrent(at, one);
    expect(readlinkSync(at.current)).toBe(`releases/${one}`);
    expect((await readRecord(at, one))?.leftAt).toBeUndefined();
  });

  test("a link left over by a crash is removed, a directory of such a name is left alone", async () => {
    const at = await place(one);
    symlinkSync("releases/gone", join(at.path, ".current-0123456789abcdef"));
    mkdirSync(join(at.path, ".current-directory"));
    await switchCurrent(at, one);
    expect(readlinkSync(at.current)).toBe(`releases/${one}`);
    expect(readdirSync(at.path).filter((name) => name.startsWith(".current"))).toEqual([
      ".current-directory",
    ]);
  });

  test("a link to nowhere, or to a place of another tool, is replaced", async () => {
    const at = await place(one);
    symlinkSync("/nowhere/at/all", at.current);
    expect((await observeReleases(at)).current).toBeNull();
    await switchCurrent(at, one);
    expect((await observeReleases(at)).current).toBe(one);
  });

  test("a release that is missing or half staged is refused and `current` stays", async () => {
    const at = await place(one);
    await switchCurrent(at, one);
    await release(at, { id: two, state: "staging", wasLive: false });
    expect((await problemOf(switchCurrent(at, two))).code).toBe("RELEASE_MISSING");
    expect((await problemOf(switchCurrent(at, "20261121100003"))).code).toBe("RELEASE_MISSING");
    expect(readlinkSync(at.current)).toBe(`releases/${one}`);
  });

  test("`current` as a directory is refused", async () => {
    const at = await place(one);
    mkdirSync(at.current);
    expect((await problemOf(switchCurrent(at, one))).code).toBe("CURRENT_TAKEN");
  });

  test("a verdict outlives a return to the release", async () => {
    const at = await place(one, two);
    await switchCurrent(at, one);
    await writeRecord(at, { id: one, state: "good", wasLive: true });
    await switchCurrent(at, two);
    await switchCurrent(at, one);
    expect((await observeReleases(at)).releases[0]?.state).toBe("good");
  });
});

describe("observeReleases tells what is there", () => {
  test("a release whose directory is gone is gone, a half staged one is not listed", async () => {
    const at = await place(one);
    await release(at, { id: two, state: "staging", wasLive: false });
    rmSync(releasePath(at, one), { recursive: true });
    expect(await observeReleases(at)).toEqual({ current: null, releases: [] });
  });

  test("a switch whose record was never written is seen by the link", async () => {
    const at = await place(one);
    symlinkSync(`releases/${one}`, at.current);
    expect((await observeReleases(at)).releases).toMatchObject([{ id: one, state: "live", wasLive: true }]);
  });

  test.each(["", '{"id":"2026', "null", '{"id":"20261121100001","state":"fine","wasLive":true}'])(
    "a torn state file %j makes a failed release, and a live one if `current` says so",
    async (text) => {
      const at = await place(one);
      writeFileSync(join(at.records, `${one}.json`), text);
      expect((await observeReleases(at)).releases).toMatchObject([
        { id: one, state: "failed", wasLive: false },
      ]);
      symlinkSync(`releases/${one}`, at.current);
      expect((await observeReleases(at)).releases).toMatchObject([{ id: one, wasLive: true }]);
    },
  );

  test("releases of another tool are not ours, but for the one that is live", async () => {
    const at = await place();
    mkdirSync(join(at.releases, one));
    mkdirSync(join(at.releases, two));
    mkdirSync(join(at.releases, "notes"));
    symlinkSync(join(at.releases, two), at.current);
    expect(await observeReleases(at)).toMatchObject({ current: two, releases: [{ id: two, wasLive: true }] });
  });
});
