import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connectServer } from "../../../dist/fleet/ssh/connect.js";
import { hasSshd, type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

let sshd: Sshd | null = null;
afterEach(async () => {
  await sshd?.stop();
  sshd = null;
});

async function open(options?: SshdOptions): Promise<Sshd> {
  return (sshd = await startSshd(options));
}

async function askOnce(server: Sshd): Promise<number> {
  const connection = await connectServer(server.name, { env: server.env });
  const path = join(server.directory, "srv");
  const end = await connection.openHost({ app: "shop", path, access: "write" });
  expect(end.about.user).not.toBe("");
  const epoch = await end.epoch();
  await end.close();
  return epoch;
}

describe.skipIf(!hasSshd)("a server over ssh", () => {
  it("is put in order and asked over one connection and one channel", async () => {
    const server = await open();
    expect(await askOnce(server)).toBe(0);
    const isOne = (sign: RegExp, times: number): void => {
      expect(server.log().match(sign)).toHaveLength(times);
    };
    isOne(/Accepted publickey/g, 1);
    isOne(/Starting session/g, 1);
    expect(await askOnce(server)).toBe(0);
    isOne(/Accepted publickey/g, 2);
    isOne(/Starting session/g, 2);
  });

  it("works where only one session is allowed", async () => {
    expect(await askOnce(await open({ settings: ["MaxSessions 1"] }))).toBe(0);
  });

  it("does not mind what a login shell prints", async () => {
    const greeting = "printf 'Welcome\\ncutover-12 ready\\n%070000d\\nLast login: today' 7";
    const server = await open({ settings: [`ForceCommand ${greeting}; eval "$SSH_ORIGINAL_COMMAND"`] });
    expect(await askOnce(server)).toBe(0);
  });

  it("is reached by ten operators at once although sshd takes two", async () => {
    const server = await open({ settings: ["MaxStartups 2:100:2"] });
    await askOnce(server);
    const answers = await Promise.all(Array.from({ length: 10 }, () => askOnce(server)));
    expect(answers).toEqual(Array.from({ length: 10 }, () => 0));
    expect(server.log()).toContain("past MaxStartups");
  });
});

const user = `cutover-${process.pid}`;

describe.skipIf(!hasSshd || userInfo().uid !== 0)("a server that is entered by a user without rights", () => {
  afterEach(() => {
    execFileSync("userdel", ["-r", "-f", user], { stdio: "ignore" });
  });

  it("keeps everything in that user's home", async () => {
    execFileSync("useradd", ["-m", "-p", "*", "-s", "/bin/sh", user]);
    const server = await open({ user, settings: [`SetEnv CUTOVER_HOME=/home/${user}/.cutover`] });
    const connection = await connectServer(server.name, { env: server.env });
    const end = await connection.openHost({ app: "shop", path: `/home/${user}/shop`, access: "write" });
    expect(end.about.user).toBe(user);
    expect(await end.raise(1, "me")).toEqual({ accepted: true, epoch: 1 });
    await end.close();
    const owners = execFileSync("find", [`/home/${user}/.cutover`, `/home/${user}/shop`, "!", "-user", user]);
    expect(owners.toString()).toBe("");
  });
});
