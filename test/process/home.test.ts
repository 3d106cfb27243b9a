import { chmod, mkdtemp, mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureHome, homePaths } from "../../src/process/home.ts";
import { isProblem } from "../../src/problem.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "home-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function refusal(work: Promise<void>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  return isProblem(error) ? `${error.detail.code} ${error.detail.why ?? ""}` : String(error);
}

const longestSocket = "999999/9999999/4194304.probe";

describe("homePaths", () => {
  test("CUTOVER_HOME wins and becomes absolute", () => {
    expect(homePaths({ CUTOVER_HOME: "/srv/x/", HOME: "/home/a" }).home).toBe("/srv/x");
    expect(homePaths({ CUTOVER_HOME: "x" }).home).toBe(join(process.cwd(), "x"));
  });

  test("the default is .cutover in the home directory, also where HOME is not set or empty", () => {
    expect(homePaths({ HOME: "/home/a" })).toEqual({
      home: "/home/a/.cutover",
      sockets: "/home/a/.cutover",
      supervisorSocket: "/home/a/.cutover/supervisor.sock",
      state: "/home/a/.cutover/state.json",
      supervisorLog: "/home/a/.cutover/supervisor.log",
      logs: "/home/a/.cutover/logs",
      run: "/home/a/.cutover/run",
      versions: "/home/a/.cutover/versions",
    });
    expect(homePaths({}).home).toBe(join(userInfo().homedir, ".cutover"));
    expect(homePaths({ HOME: "", CUTOVER_HOME: "" }).home).toBe(join(userInfo().homedir, ".cutover"));
  });

  test("every socket path fits into a unix socket address, however long the home is", () => {
    for (let length = 1; length < 200; length += 1) {
      const paths = homePaths({ CUTOVER_HOME: `/${"ü".repeat(length)}` });
      expect(Buffer.byteLength(join(paths.run, longestSocket))).toBeLessThanOrEqual(107);
      expect(paths.logs).toBe(join(paths.home, "logs"));
    }
  });

  test("two long homes do not share their sockets", () => {
    const long = "/x".repeat(60);
    expect(homePaths({ CUTOVER_HOME: `${long}/a` }).run).not.toBe(
      homePaths({ CUTOVER_HOME: `${long}/b` }).run,
    );
  });
});

describe("ensureHome", () => {
  test("everything is created for the owner only, and an open directory is closed", async () => {
    const paths = homePaths({ CUTOVER_HOME: join(directory, "a/b") });
    await mkdir(paths.home, { recursive: true });
    await chmod(paths.home, 0o755);
    await ensureHome(paths);
    await ensureHome(paths);
    for (const made of [paths.home, paths.logs, paths.run, paths.versions]) {
      const found = await stat(made);
      expect(found.mode & 0o777).toBe(0o700);
    }
  });

  test("the home itself may be a link", async () => {
    await mkdir(join(directory, "real"), { mode: 0o700 });
    await symlink("real", join(directory, "link"));
    await ensureHome(homePaths({ CUTOVER_HOME: join(directory, "link") }));
    expect((await stat(join(directory, "real/logs"))).isDirectory()).toBe(true);
  });

  test("a link that waits where the sockets belong in /tmp is refused", async () => {
    const paths = homePaths({ CUTOVER_HOME: join(directory, "long".repeat(40)) });
    await symlink(directory, paths.sockets);
    try {
      expect(await refusal(ensureHome(paths))).toContain("HOME_UNSAFE");
    } finally {
      await rm(paths.sockets);
    }
  });

  test("a file in the way is a problem that names it", async () => {
    await writeFile(join(directory, "file"), "");
    const paths = homePaths({ CUTOVER_HOME: join(directory, "file") });
    expect(await refusal(ensureHome(paths))).toMatch(/^HOME_UNSAFE It is not a directory/);
  });

  test("a place that takes no directories is a problem, not an endless loop", async () => {
    expect(await refusal(ensureHome(homePaths({ CUTOVER_HOME: "/proc/x" })))).toMatch(/^HOME_UNSAFE ENOENT/);
  });
});
