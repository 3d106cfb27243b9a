import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connectServer } from "../../../dist/fleet/ssh/connect.js";
import { packedPackage } from "../../../dist/fleet/ssh/packed.js";
import { homePaths } from "../../../dist/process/home.js";
import { packageId } from "../../../dist/process/package/identity.js";
import { until } from "../bare.ts";
import { hasSshd, problemOf, type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

let sshd: Sshd | null = null;
afterEach(async () => {
  await sshd?.stop();
  sshd = null;
});

async function open(options?: SshdOptions): Promise<Sshd> {
  return (sshd = await startSshd(options));
}

function versions(server: Sshd): readonly string[] {
  const directory = join(server.home, "versions");
  return existsSync(directory) ? readdirSync(directory) : [];
}

async function nodeOf(server: Sshd): Promise<string> {
  const connection = await connectServer(server.name, { env: server.env });
  const end = await connection.openHost({ app: "shop", path: join(server.directory, "srv"), access: "read" });
  await end.close();
  return end.about.node;
}

/** A PATH with the programs that the bootstrap needs, and no Node. */
function pathWithoutNode(programs: readonly string[]): string {
  const directory = execFileSync("mktemp", ["-d"]).toString().trim();
  for (const name of programs)
    symlinkSync(
      execFileSync("sh", ["-c", `command -v ${name}`])
        .toString()
        .trim(),
      join(directory, name),
    );
  return directory;
}

const needed = ["sh", "dd", "head", "wc", "uname", "mkdir", "mv", "rm", "chmod", "cat", "flock"];

describe.skipIf(!hasSshd)("a server without cutover", () => {
  it("gets the same package from several operators at once, whole and once", async () => {
    const server = await open();
    await Promise.all([1, 2, 3, 4].map(() => nodeOf(server)));
    const id = packageId(homePaths(server.env));
    expect(versions(server)).toEqual([id]);
    const main = join(server.home, "versions", id, "dist/cli/main.js");
    expect(execFileSync(process.execPath, [main, "version"]).toString()).toContain("0.1.0");
    expect(execFileSync(process.execPath, [main, "docs", "app"]).toString()).toContain("app");
  });

  it("says what it gets, once, and keeps no old versions but those that something runs from", async () => {
    const server = await open();
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    const places = ["0.0.1-aaaa", "0.0.2-bbbb", "0.0.3-cccc", "0.0.4-dddd", "0.0.5-eeee"];
    for (const [age, name] of places.toReversed().entries()) {
      const directory = join(server.home, "versions", name);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "daemon.js"), "setInterval(() => undefined, 1000);");
      const at = new Date(Date.now() - (age + 1) * 60_000);
      utimesSync(directory, at, at);
    }
    const daemon = spawn(process.execPath, [join(server.home, "versions/0.0.1-aaaa/daemon.js")]);
    try {
      for (let times = 0; times < 2; times++) {
        const connection = await connectServer(server.name, { env: server.env, tell });
        await connection.openHost({ app: "shop", path: join(server.directory, "srv"), access: "read" });
        const wanted = ["0.0.1-aaaa", "0.0.4-dddd", "0.0.5-eeee", packageId(homePaths(server.env))];
        await until("old versions are gone", () => versions(server).length <= wanted.length);
        expect(versions(server).toSorted()).toEqual(wanted.toSorted());
        await connection.close();
      }
    } finally {
      daemon.kill("SIGKILL");
    }
    expect(told).toEqual([expect.stringMatching(/^Installing cutover 0\.1\.0 on alpha \(0\.\d MB, once\)$/)]);
  });

  it("gets a package that is small and the same whenever it is packed", async () => {
    const server = await open();
    const home = homePaths(server.env);
    const began = performance.now();
    const first = await packedPackage(home, packageId(home));
    const ms = performance.now() - began;
    rmSync(join(home.home, "packages"), { recursive: true });
    expect((await packedPackage(home, packageId(home))).digest).toBe(first.digest);
    expect(first.bytes.length).toBeLessThan(1_000_000);
    expect(ms).toBeLessThan(5000);
  });

  it.each([["gzip"], []])("gets the operator's Node when it has none (%s)", async (...more) => {
    const path = pathWithoutNode([...needed, ...more]);
    const server = await open({
      settings: [`SetEnv PATH=${path} HOME=${path} CUTOVER_HOME=${path}/.cutover`],
    });
    expect(await nodeOf(server)).toBe(process.version);
    expect(readdirSync(join(path, ".cutover/node"))).toEqual([`${process.version}-linux-${process.arch}`]);
    expect(readdirSync(join(path, ".cutover")).filter((name) => name.startsWith(".part"))).toEqual([]);
    rmSync(path, { recursive: true });
  });

  it("is told when the operator's Node cannot run there", async () => {
    const path = pathWithoutNode(needed.filter((name) => name !== "uname"));
    writeFileSync(join(path, "uname"), "#!/bin/sh\n[ $1 = -s ] && echo Linux || echo riscv64\n", {
      mode: 0o755,
    });
    const server = await open({ settings: [`SetEnv PATH=${path} HOME=${path}`] });
    const detail = await problemOf(connectServer(server.name, { env: server.env }));
    expect(detail).toMatchObject({ code: "NODE_MISSING", exit: 3, why: expect.stringContaining("riscv64") });
    expect(existsSync(join(path, ".cutover"))).toBe(false);
    rmSync(path, { recursive: true });
  });

  it("finds another Node when the one it had is gone or too old", async () => {
    const server = await open();
    await nodeOf(server);
    const remembered = join(server.home, "versions", versions(server)[0] ?? "", ".node");
    writeFileSync(remembered, "/nonexistent/node\n");
    expect(await nodeOf(server)).toBe(process.version);
    const old = join(server.directory, "node");
    writeFileSync(old, "#!/bin/sh\necho 'NODE_TOO_OLD  cutover needs Node.js 20.19 or newer' >&2; exit 2\n", {
      mode: 0o755,
    });
    writeFileSync(remembered, `${old}\n`);
    expect(await nodeOf(server)).toBe(process.version);
    expect(readFileSync(remembered, "utf8").trim()).toBe(process.execPath);
  });

  it("keeps nothing of an upload that is torn", async () => {
    const server = await open();
    // Half of the package goes through, then the operator's ssh is gone.
    const cut = join(server.directory, "cut");
    const { CUTOVER_SSH } = server.env;
    writeFileSync(cut, `#!/bin/sh\ndd bs=1 count=100000 2>/dev/null | ${CUTOVER_SSH} "$@"\n`, {
      mode: 0o755,
    });
    const detail = await problemOf(connectServer(server.name, { env: { ...server.env, CUTOVER_SSH: cut } }));
    expect(detail.code).toBe("AGENT_NOT_INSTALLED");
    expect(versions(server)).toEqual([]);
    expect(await nodeOf(server)).toBe(process.version);
  });
});

function canMount(): boolean {
  return hasSshd && userInfo().uid === 0;
}

describe.skipIf(!canMount())("a server whose disk is full", () => {
  it("says so, and nothing is half installed", async () => {
    const server = await open();
    mkdirSync(server.home);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=600k", "tmpfs", server.home]);
    try {
      const detail = await problemOf(connectServer(server.name, { env: server.env }));
      expect(detail).toMatchObject({ code: "DISK_FULL", exit: 3 });
      expect(versions(server)).toEqual([]);
    } finally {
      execFileSync("umount", ["-l", server.home]);
    }
  });
});
