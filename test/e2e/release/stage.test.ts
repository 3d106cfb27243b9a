import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ReleaseSpec } from "../../../src/plan/spec.ts";
import { checkRelease } from "../../../src/release/check.ts";
import { observeReleases } from "../../../src/release/observe.ts";
import { type Place, openPlace, placeAt, releasePath } from "../../../src/release/place.ts";
import { preflight } from "../../../src/release/preflight.ts";
import { readRecord, updateRecord, writeRecord } from "../../../src/release/record.ts";
import { switchCurrent } from "../../../src/release/switch.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { specOf, stage, write } from "./source-tree.ts";

async function bed(
  files: Readonly<Record<string, string>>,
  change: Partial<ReleaseSpec> = {},
): Promise<{ place: Place; source: string; spec: ReleaseSpec }> {
  const root = scratch();
  const source = write(join(root, "app"), files);
  return { source, place: await openPlace(join(root, "place")), spec: specOf(source, change) };
}

describe("the env file", () => {
  test("is the release's own, readable by its owner alone, and known by its digest", async () => {
    const { place, spec } = await bed({ "a.js": "" }, { envTo: "config/.env" });
    const first = await stage(place, spec, { env: "KEY=one\n" });
    const second = await stage(place, spec, { env: "KEY=two\n" });
    const file = join(releasePath(place, first.id), "config/.env");
    expect(readFileSync(file, "utf8")).toBe("KEY=one\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(first.envDigest).toMatch(/^[0-9a-f]{16}$/);
    expect(second.envDigest).not.toBe(first.envDigest);
    expect((await observeReleases(place)).releases[0]?.envDigest).toBe(first.envDigest);
    expect(readFileSync(join(place.records, `${first.id}.json`), "utf8")).not.toContain("one");
    expect(readdirSync(join(releasePath(place, first.id), "config"))).toEqual([".env"]);
  });

  test("replaces one that came with the source", async () => {
    const { place, spec } = await bed({ ".env": "KEY=committed" }, { envTo: ".env" });
    const { id } = await stage(place, spec, { env: "KEY=real" });
    expect(readFileSync(join(releasePath(place, id), ".env"), "utf8")).toBe("KEY=real");
    expect(statSync(join(releasePath(place, id), ".env")).mode & 0o777).toBe(0o600);
  });

  test.each(["../env", "/etc/env", "link/env", "shared/env"])(
    "at %s would not be in the release and is refused",
    async (envTo) => {
      const { place, source, spec } = await bed(
        { "a.js": "" },
        { envTo, shared: { dirs: ["shared"], files: [] } },
      );
      const outside = join(source, "../outside");
      mkdirSync(outside);
      symlinkSync(outside, join(source, "link"));
      const problem = await problemOf(stage(place, spec, { env: "KEY=real" }));
      expect(problem.code).toBe("PATH_OUTSIDE");
      expect(readdirSync(outside)).toEqual([]);
    },
  );

  test("over a directory is refused", async () => {
    const { place, spec } = await bed({ ".env/a": "" }, { envTo: ".env" });
    expect((await problemOf(stage(place, spec, { env: "A=1" }))).code).toBe("ENV_TARGET_TAKEN");
  });
});

describe("shared directories and files", () => {
  test("survive releases, begin as the first release's own, and are reached by relative links", async () => {
    const shared = { dirs: ["storage", "storage/logs", "var/deep/uploads"], files: ["robots.txt"] };
    const { place, source, spec } = await bed({ "storage/seed": "1", "robots.txt": "r1" }, { shared });
    const first = await stage(place, spec);
    write(place.shared, { "storage/made": "x" });
    write(source, { "storage/seed": "2", "robots.txt": "r2" });
    const second = await stage(place, spec);
    const directory = releasePath(place, second.id);
    expect(readlinkSync(join(directory, "storage"))).toBe("../../shared/storage");
    expect(readFileSync(join(directory, "storage/made"), "utf8")).toBe("x");
    expect(readFileSync(join(directory, "storage/seed"), "utf8")).toBe("1");
    expect(readFileSync(join(directory, "robots.txt"), "utf8")).toBe("r1");
    expect(realpathSync(join(directory, "var/deep/uploads"))).toBe(
      realpathSync(join(place.shared, "var/deep/uploads")),
    );
    expect(lstatSync(join(releasePath(place, first.id), "storage")).isSymbolicLink()).toBe(true);
  });

  test("a shared file that is nowhere yet is noted, and made by the program's first write", async () => {
    const { place, spec } = await bed({ "a.js": "" }, { shared: { dirs: [], files: ["data/db.sqlite"] } });
    const { id, notes } = await stage(place, spec);
    expect(notes).toEqual([
      `shared file data/db.sqlite does not exist yet: create ${place.shared}/data/db.sqlite`,
    ]);
    write(releasePath(place, id), { "data/db.sqlite": "made" });
    expect(readFileSync(join(place.shared, "data/db.sqlite"), "utf8")).toBe("made");
  });

  test("writable directories are made and open to the group", async () => {
    const { place, spec } = await bed({ "a.js": "" }, { writable: ["bootstrap/cache"] });
    const { id } = await stage(place, spec);
    expect(statSync(join(releasePath(place, id), "bootstrap/cache")).mode & 0o070).toBe(0o070);
  });

  test("a directory that cannot be made writable is a note and no failure", async () => {
    const { place, spec } = await bed({ cache: "a file" }, { writable: ["cache/deep"] });
    expect((await stage(place, spec)).notes.join()).toContain("cache/deep could not be made writable");
  });
});

describe("staging again", () => {
  test("a complete release is left as it is", async () => {
    const { place, source, spec } = await bed({ "a.js": "1" });
    const first = await stage(place, spec);
    write(source, { "a.js": "2" });
    const again = await stage(place, spec, { id: first.id });
    expect({ ...again, output: [] }).toEqual(first);
    expect(readFileSync(join(releasePath(place, first.id), "a.js"), "utf8")).toBe("1");
  });

  test.each(["staging", "failed"] as const)("one that is %s is made from the start", async (state) => {
    const { place, spec } = await bed({ "a.js": "1" });
    const id = "20261121100001";
    write(releasePath(place, id), { leftover: "" });
    await writeRecord(place, { id, state, wasLive: false });
    await stage(place, spec, { id });
    expect(readdirSync(releasePath(place, id))).toEqual(["a.js"]);
  });

  test("two at once do not get in each other's way", async () => {
    const { place, spec } = await bed({ "a.js": "1" }, { shared: { dirs: ["storage"], files: [] } });
    const both = await Promise.all([stage(place, spec), stage(place, spec)]);
    expect(new Set(both.map(({ id }) => id)).size).toBe(2);
    for (const { id } of both)
      expect(readdirSync(releasePath(place, id)).sort()).toEqual(["a.js", "storage"]);
  });
});

describe("assets of older releases", () => {
  const assets = { path: "public/build", keepMs: 60_000 };

  test("stay reachable until their time is over, and never over a new file", async () => {
    const { place, source, spec } = await bed(
      { "public/build/one.js": "1", "public/build/same.js": "old" },
      { assets },
    );
    const first = await stage(place, spec);
    await switchCurrent(place, first.id);
    await replace(source, { "public/build/two.js": "2", "public/build/same.js": "new" });
    const second = await stage(place, spec);
    await switchCurrent(place, second.id);
    expect(listed(place, second.id)).toEqual(["one.js", "same.js", "two.js"]);
    expect(readFileSync(join(releasePath(place, second.id), assets.path, "same.js"), "utf8")).toBe("new");
    await replace(source, { "public/build/three.js": "3" });
    const third = await stage(place, spec);
    expect(listed(place, third.id)).toEqual(["one.js", "same.js", "three.js", "two.js"]);
  });

  test("are measured from the day they left the live build, not from when they were made", async () => {
    const { place, source, spec } = await bed({ "public/build/one.js": "1" }, { assets });
    const first = await stage(place, spec);
    await switchCurrent(place, first.id);
    await replace(source, { "public/build/two.js": "2" });
    const second = await stage(place, spec);
    await switchCurrent(place, second.id);
    write(place.records, { [`${second.id}.assets`]: JSON.stringify({ "one.js": Date.now() - 61_000 }) });
    await updateRecord(place, first.id, { leftAt: Date.now() - 61_000 });
    await replace(source, { "public/build/three.js": "3" });
    const third = await stage(place, spec);
    expect(listed(place, third.id)).toEqual(["three.js", "two.js"]);
  });

  test("of a release that never was live are of no interest", async () => {
    const { place, source, spec } = await bed({ "public/build/one.js": "1" }, { assets });
    await stage(place, spec);
    await replace(source, { "public/build/two.js": "2" });
    expect(listed(place, (await stage(place, spec)).id)).toEqual(["two.js"]);
  });

  async function replace(source: string, files: Readonly<Record<string, string>>): Promise<void> {
    const { rm } = await import("node:fs/promises");
    await rm(join(source, "public"), { recursive: true });
    write(source, files);
  }

  function listed(place: Place, id: string): readonly string[] {
    return readdirSync(join(releasePath(place, id), assets.path)).sort();
  }
});

describe("findings", () => {
  test("a release without the directory its service starts in is refused before anything runs", async () => {
    const { place, spec } = await bed(
      { "a.js": "", ".env.example": "PRESENT=x\nABSENT=x\nOPTIONAL=\n" },
      { assets: { path: "public", keepMs: 1 } },
    );
    const { id } = await stage(place, spec);
    const findings = await checkRelease(place, { id, spec, env: { PRESENT: "1" }, dirs: [".", "dist"] });
    expect(findings.map(({ severity, problem }) => [severity, problem.code])).toEqual([
      ["refuse", "BUILD_RESULT_MISSING"],
      ["warn", "BUILD_RESULT_MISSING"],
      ["warn", "ENV_KEY_MISSING"],
    ]);
    expect(findings[2]?.problem.what).toContain("ABSENT");
    expect(findings[2]?.problem.what).not.toMatch(/PRESENT|OPTIONAL/);
  });

  test("a release that is not complete is refused", async () => {
    const { place, spec } = await bed({ "a.js": "" });
    const findings = await checkRelease(place, { id: "20261121100001", spec, dirs: [] });
    expect(findings.map(({ problem }) => problem.code)).toEqual(["RELEASE_MISSING"]);
  });

  test("a release that would not fit is refused before anything is touched", async () => {
    const { place, spec } = await bed({ "a.js": "" });
    expect(await preflight(place, spec.source)).toEqual([]);
    const { id } = await stage(place, spec);
    await switchCurrent(place, id);
    expect((await readRecord(place, id))?.bytes).toBeGreaterThanOrEqual(0);
    await updateRecord(place, id, { bytes: 1e18, inodes: 1e18 });
    const findings = await preflight(place, spec.source);
    expect(findings.map(({ severity, problem }) => [severity, problem.code, problem.exit])).toEqual([
      ["refuse", "DISK_SHORT", 3],
      ["refuse", "DISK_SHORT", 3],
    ]);
  });

  test("a place that does not exist yet is measured where it will be", async () => {
    const { source } = await bed({ "a.js": "" });
    expect(await preflight(placeAt(join(scratch(), "not/yet")), { kind: "directory", path: source })).toEqual(
      [],
    );
  });

  test("a `current` that leads elsewhere is told", async () => {
    const { place, source, spec } = await bed({ "a.js": "" });
    mkdirSync(join(place.path, "v1"));
    symlinkSync("v1", place.current);
    expect((await preflight(place, spec.source)).map(({ problem }) => problem.code)).toEqual([
      "CURRENT_STRAY",
    ]);
    expect(source).not.toBe("");
  });
});
