import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestEnv } from "../../src/release/digest.ts";
import { openPlace, placeAt } from "../../src/release/place.ts";
import { formatReleaseId, readReleaseId, reserveRelease } from "../../src/release/release-id.ts";
import { problemOf, scratch } from "./scratch.ts";

describe("openPlace", () => {
  test("creates what is missing and keeps what is there", async () => {
    const path = join(scratch(), "srv/shop");
    const place = await openPlace(path);
    const key = readFileSync(place.key);
    await openPlace(path);
    expect(readFileSync(place.key)).toEqual(key);
    expect(statSync(place.key).mode & 0o777).toBe(0o600);
    expect(existsSync(place.releases) && existsSync(place.shared)).toBe(true);
  });

  test("a file in the way is named", async () => {
    const path = join(scratch(), "shop");
    writeFileSync(path, "");
    const problem = await problemOf(openPlace(path));
    expect(problem.code).toBe("PLACE_NOT_DIRECTORY");
    expect(problem.exit).toBe(3);
  });

  test("`current` as a real directory of another tool is refused and left alone", async () => {
    const path = scratch();
    mkdirSync(join(path, "current"));
    const problem = await problemOf(openPlace(path));
    expect(problem.code).toBe("CURRENT_TAKEN");
    expect(problem.fix).toContain("mv ");
    expect(statSync(join(path, "current")).isDirectory()).toBe(true);
  });

  test("a directory that this user may not write is a matter of ownership", async () => {
    // Not even root may make a directory there.
    const problem = await problemOf(openPlace("/sys/kernel/cutover-test"));
    expect(problem.code).toBe("PLACE_DENIED");
    expect(problem.what).toContain("/sys/kernel/cutover-test");
  });
});

test("of several who want the same id at the same moment one gets it", async () => {
  const place = await openPlace(scratch());
  const id = formatReleaseId(new Date("2026-11-21T10:15:59.999Z"));
  const reserved = await Promise.all(Array.from({ length: 5 }, () => reserveRelease(place, id)));
  expect(reserved.filter(Boolean)).toHaveLength(1);
  expect(id).toBe("20261121101559");
  expect(readReleaseId(id)).toEqual(new Date("2026-11-21T10:15:59Z"));
});

test("equal envs have equal digests in one place and unequal ones in another", async () => {
  const [one, two] = [await openPlace(scratch()), await openPlace(scratch())];
  expect(await digestEnv(one, "A=1")).toBe(await digestEnv(one, "A=1"));
  expect(await digestEnv(one, "A=1")).not.toBe(await digestEnv(one, "A=2"));
  expect(await digestEnv(one, "A=1")).not.toBe(await digestEnv(two, "A=1"));
  expect(await digestEnv(placeAt(join(scratch(), "none")), "A=1")).toBeNull();
});
