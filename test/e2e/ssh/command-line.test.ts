import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectSupervisor } from "../../../dist/process/client.js";
import { homePaths } from "../../../dist/process/home.js";
import { freePort, until } from "../bare.ts";
import { cutover, type Ran } from "../cli/run-cutover.ts";
import { hasSshd, type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

let sshd: Sshd;
let project = "";

async function open(options: SshdOptions = {}): Promise<void> {
  sshd = await startSshd(options);
  project = join(sshd.directory, "project");
  mkdirSync(project);
  writeFileSync(join(project, "run.sh"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
  configure();
}

const at = (...names: readonly string[]): string => join(sshd.directory, "srv", ...names);

function configure(...more: readonly string[]): void {
  const services = "services: { worker: { run: ./run.sh, health: none } }";
  const lines = [
    "app: shop",
    `servers: [${sshd.name}]`,
    `path: ${at()}`,
    services,
    "rollout: { bake: 100ms }",
  ];
  writeFileSync(join(project, "cutover.yml"), [...lines, ...more, ""].join("\n"));
}

const run = (...words: readonly string[]): Promise<Ran> => cutover(words, { cwd: project, env: sshd.env });

async function close(): Promise<void> {
  const supervisor = await connectSupervisor(homePaths({ CUTOVER_HOME: sshd.home }), { start: false }).catch(
    () => null,
  );
  await supervisor?.shutdown("stop");
  await sshd.stop();
}

/** The shape of every error: code and what happened, why, what to do, what state things are in; never a stack. */
function expectShape(ran: Ran, code: string): void {
  expect(ran.err).toMatch(new RegExp(`^${code}  \\S.*\\.$`, "m"));
  expect(ran.err).toMatch(/^ +Fix: +\S/m);
  expect(ran.err).toMatch(/^ +Now: +\S/m);
  expect(ran.out + ran.err).not.toMatch(/^ +at /m);
}

describe.skipIf(!hasSshd)("a command whose server cannot be entered", () => {
  beforeEach(() => open());
  afterEach(close);

  it("says which one and why in the shape of every error, and has changed nothing", async () => {
    writeFileSync(sshd.knownHosts, "");
    const unknown = await run("deploy");
    expect(unknown.exit).toBe(3);
    expectShape(unknown, "HOST_KEY_UNKNOWN");
    sshd.configure([`Port ${await freePort()}`]);
    const down = await run("deploy", "--json");
    expect(down.exit).toBe(3);
    const result: unknown = JSON.parse(down.out.trim().split("\n").at(-1) ?? "");
    expect(result).toMatchObject({
      event: "result",
      ok: false,
      exit: 3,
      problem: {
        code: "HOST_REFUSED",
        what: expect.stringContaining(sshd.name),
        why: expect.stringContaining("Connection refused"),
        fix: expect.any(String),
        state: expect.any(String),
      },
    });
    const status = await run("status");
    expect(status.out + status.err).toContain(sshd.name);
    expect(status.out + status.err).toContain("no ssh server listens");
    expect(existsSync(at())).toBe(false);
  });
});

/** The operator's ssh client to the server. */
function clients(): readonly number[] {
  const config = join(sshd.directory, "ssh_config");
  const list = spawnSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).stdout.split("\n");
  const own = list.filter((line) => /^ *\d+ ssh -F /.test(line) && line.includes(config));
  return own.map((line) => Number.parseInt(line, 10));
}

describe.skipIf(!hasSshd)("a deployment whose connection drops in the middle of a build", () => {
  beforeEach(() => open());
  afterEach(close);

  const begun = (): boolean => existsSync(join(sshd.directory, "begun"));
  const slow = (): void =>
    configure(
      `build: { run: ['echo >>${sshd.directory}/begun; test -e ${sshd.directory}/go || sleep 600'] }`,
    );

  it("connects again and goes on", async () => {
    slow();
    const deployed = run("deploy");
    await until("the build has begun", begun, 60_000);
    writeFileSync(join(sshd.directory, "go"), "");
    for (const pid of clients()) process.kill(pid, "SIGKILL");
    expect(await deployed).toMatchObject({ exit: 0, err: "" });
    expect(readFileSync(join(sshd.directory, "begun"), "utf8")).toBe("\n\n");
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(2);
    expect(readdirSync(at("current"))).toContain("run.sh");
  });

  it("stops where it is when the server stays away, and says the one command that leads out", async () => {
    slow();
    const deployed = run("deploy");
    await until("the build has begun", begun, 60_000);
    writeFileSync(join(sshd.directory, "go"), "");
    sshd.configure([`Port ${await freePort()}`]);
    for (const pid of clients()) process.kill(pid, "SIGKILL");
    const paused = await deployed;
    expect(paused.exit).toBe(6);
    expect(paused.err).toContain("cutover resume");
    expect(paused.err).toContain("cutover abort");
    sshd.configure([]);
    expect(await run("resume")).toMatchObject({ exit: 0 });
    expect(readdirSync(at("current"))).toContain("run.sh");
  });
});

describe.skipIf(!hasSshd)("a deployment whose connection drops while its files are sent", () => {
  beforeEach(async () => {
    await open();
    writeFileSync(join(project, "large"), randomBytes(20_000_000));
  });
  afterEach(close);

  const uploads = (): string => at(".cutover/uploads");
  const isSending = (): boolean =>
    existsSync(uploads()) && readdirSync(uploads()).some((name) => name.startsWith(".part-"));

  it("sends them again over another one", async () => {
    const deployed = run("deploy");
    await until("files are sent", isSending, 60_000);
    for (const pid of clients()) process.kill(pid, "SIGKILL");
    expect(await deployed).toMatchObject({ exit: 0, err: "" });
    expect(statSync(at("current/large")).size).toBe(20_000_000);
  });

  it("is refused when there is no other, since nothing was begun", async () => {
    const deployed = run("deploy");
    await until("files are sent", isSending, 60_000);
    sshd.configure([`Port ${await freePort()}`]);
    for (const pid of clients()) process.kill(pid, "SIGKILL");
    const refused = await deployed;
    expect(refused.exit).toBe(3);
    expectShape(refused, "HOST_REFUSED");
    sshd.configure([]);
    expect((await run("status")).out).toContain("nothing is live");
    expect(await run("deploy")).toMatchObject({ exit: 0 });
  });
});

const isRoot = userInfo().uid === 0;
const user = `cutover-${process.pid}`;

describe.skipIf(!hasSshd || !isRoot)("a deployment by a user without rights", () => {
  beforeEach(async () => {
    execFileSync("useradd", ["-m", "-p", "*", "-s", "/bin/sh", user]);
    await open({ user, settings: [`SetEnv CUTOVER_HOME=/home/${user}/.cutover`] });
  });
  afterEach(async () => {
    await close();
    execFileSync("userdel", ["-r", "-f", user], { stdio: "ignore" });
  });

  it("to a directory of somebody else says what that user needs", async () => {
    mkdirSync(at());
    const refused = await run("deploy");
    expect(refused.exit).toBe(3);
    expectShape(refused, "PLACE_DENIED");
    expect(refused.err).toContain(`${sshd.name}: `);
    expect(refused.err).toContain(`sudo install -d -o ${user} ${at()}`);
    expect(readdirSync(at())).toEqual([]);
  });
});

describe.skipIf(!hasSshd || !isRoot)("a deployment to a disk that is full", () => {
  beforeEach(() => open());
  afterEach(close);

  it("is refused before anything is touched", async () => {
    mkdirSync(at());
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", at()]);
    try {
      const refused = await run("deploy");
      expect(refused.exit).toBe(3);
      expectShape(refused, "DISK_SHORT");
      expect(existsSync(at("current"))).toBe(false);
    } finally {
      execFileSync("umount", ["-l", at()]);
    }
  });
});
