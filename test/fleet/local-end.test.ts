import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostEnd } from "../../src/fleet/end.ts";
import { openLocalEnd } from "../../src/fleet/local-end.ts";
import type { AppSpec } from "../../src/plan/spec.ts";

let path = "";
let end: HostEnd;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "cutover-end-"));
  end = await open();
});
afterEach(async () => {
  await end.close();
  await rm(path, { recursive: true, force: true });
});

function open(access: "read" | "write" = "write"): Promise<HostEnd> {
  const env = { CUTOVER_HOME: join(path, "home") };
  const migrate = (): Promise<void> => Promise.resolve();
  return openLocalEnd({ name: "web1", app: "shop", path, access, env, version: "0", migrate });
}

describe("the journal of a host", () => {
  it("takes text at its end under the epoch accepted last, and under no other", async () => {
    await end.raise(2, "ada");
    expect(await end.appendJournal({ id: "2", at: 0, text: "one\n", epoch: 2, isRepair: false })).toBe(true);
    expect(await end.appendJournal({ id: "2", at: 4, text: "two\n", epoch: 1, isRepair: false })).toBe(false);
    expect(await end.appendJournal({ id: "2", at: 4, text: "two\n", epoch: 3, isRepair: false })).toBe(false);
    await end.raise(3, "bob");
    expect(await end.appendJournal({ id: "2", at: 4, text: "two\n", epoch: 2, isRepair: false })).toBe(false);
    expect(await end.readJournal("2")).toBe("one\n");
  });
  it("drops a torn line behind the end, and a whole one only when it is repaired", async () => {
    await end.raise(2, "ada");
    const add = { id: "2", epoch: 2, isRepair: false };
    await end.appendJournal({ ...add, at: 0, text: "one\n" });
    await appendFile(join(path, ".cutover/journal/2.ndjson"), "to");
    expect(await end.appendJournal({ ...add, at: 4, text: "two\n" })).toBe(true);
    expect(await end.appendJournal({ ...add, at: 4, text: "deux\n" })).toBe(false);
    expect(await end.appendJournal({ ...add, at: 99, text: "deux\n" })).toBe(false);
    expect(await end.appendJournal({ ...add, at: 4, text: "deux\n", isRepair: true })).toBe(true);
    expect(await readFile(join(path, ".cutover/journal/2.ndjson"), "utf8")).toBe("one\ndeux\n");
  });
  it("is listed by age, the newest last", async () => {
    await end.raise(12, "ada");
    await mkdir(join(path, ".cutover/journal"), { recursive: true });
    for (const id of ["9", "10", "11"]) await writeFile(join(path, `.cutover/journal/${id}.ndjson`), id);
    expect(await end.journals(2)).toEqual([
      { id: "10", text: "10" },
      { id: "11", text: "11" },
    ]);
    expect(await end.readJournal("12")).toBe("");
  });
});

describe("the settings of the live release", () => {
  it("come with its id, or not at all", async () => {
    expect(await end.liveSettings()).toBeNull();
    const release = "20261121101502";
    await mkdir(join(path, "releases", release));
    await symlink(`releases/${release}`, join(path, "current"));
    expect(await end.liveSettings()).toBeNull();
    const shelved = { spec: { app: "shop" } as AppSpec, secrets: ["s3cret"] };
    await end.saveSettings(release, shelved);
    expect(await end.liveSettings()).toEqual({ release, shelved });
  });
});

describe("the proof of a deployment", () => {
  it("is kept beside its journal, the newest hundred of them", async () => {
    expect(await end.readProof("7")).toBe(null);
    for (let id = 1; id <= 101; id++) await end.saveProof(String(id), `proof ${id}`, null);
    expect(await end.readProof("101")).toBe("proof 101");
    expect(await end.readProof("2")).toBe("proof 2");
    expect(await end.readProof("1")).toBe(null);
    await expect(end.readProof("../epoch")).rejects.toThrow("no id");
  });

  it("is left as it is by an operator who was overtaken", async () => {
    const epoch = (await end.epoch()) + 1;
    await end.raise(epoch, "ada@laptop");
    await end.saveProof("7", "new", epoch);
    await end.saveProof("7", "old", epoch - 1);
    expect(await end.readProof("7")).toBe("new");
  });
});

describe("the lock of a host", () => {
  it("is held by one end and free when that end is closed", async () => {
    const other = await open();
    const info = { operator: "ada@laptop", pid: 4_194_305, doing: "deploy", since: 1 };
    await end.holdLock(info);
    expect((await other.lockState()).holder).toEqual(info);
    await expect(other.holdLock(info)).rejects.toMatchObject({ detail: { code: "LOCK_HELD" } });
    await end.close();
    expect((await other.lockState()).holder).toBeNull();
    await other.holdLock(info);
    await other.close();
  });
});

describe("a wish", () => {
  it("lies there until it is taken away, and one that came later stays", async () => {
    const pause = { deployment: "3", command: "pause", operator: "ada" } as const;
    const abort = { deployment: "3", command: "abort", operator: "bob" } as const;
    await end.leaveWish(pause);
    const reader = await open("read");
    expect(await reader.observe()).toMatchObject({ host: "web1", reachable: true, wish: pause });
    await end.leaveWish(abort);
    await end.clearWish(pause);
    expect((await reader.observe()).wish).toEqual(abort);
    await end.clearWish(abort);
    expect((await reader.observe()).wish).toBeUndefined();
  });
});

describe("an env file", () => {
  it("that was edited on the host is told apart from the one that was deployed", async () => {
    const release = "20261121101502";
    const spec = { release: { envTo: ".env" } };
    // Only what is read of it.
    const shelved = { spec, env: "A=1\n", secrets: [] } as unknown as Parameters<HostEnd["saveSettings"]>[1];
    expect(await end.releaseOnDisk(release)).toMatchObject({ env: "none" });
    await end.saveSettings(release, shelved);
    expect(await end.releaseOnDisk(release)).toMatchObject({ env: "missing" });
    expect(await end.reserveRelease(release)).toBe(true);
    expect(await end.reserveRelease(release)).toBe(false);
    await writeFile(join(path, "releases", release, ".env"), "A=1\n");
    expect(await end.releaseOnDisk(release)).toMatchObject({ env: "as-deployed" });
    await writeFile(join(path, "releases", release, ".env"), "A=2\n");
    expect(await end.releaseOnDisk(release)).toMatchObject({ env: "changed" });
  });
});
