import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectServer } from "../../../dist/fleet/ssh/connect.js";
import type { ProblemDetail } from "../../../src/problem.ts";
import { freePort } from "../bare.ts";
import { hasSshd, problemOf, type Sshd, startSshd } from "./sshd.ts";

describe.skipIf(!hasSshd)("a server that cannot be entered", () => {
  let sshd: Sshd;
  beforeEach(async () => {
    sshd = await startSshd();
  });
  afterEach(() => sshd.stop());

  async function refusal(server = sshd.name): Promise<ProblemDetail> {
    const detail = await problemOf(connectServer(server, { env: sshd.env }));
    expect(detail).toMatchObject({ exit: 3, state: "Nothing was changed on it." });
    expect(detail.what).toContain(server);
    expect(detail.fix).not.toBe("");
    return detail;
  }

  it("shows another host key than the known one", async () => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(sshd.directory, "other")]);
    const other = readFileSync(join(sshd.directory, "other.pub"), "utf8");
    writeFileSync(sshd.knownHosts, `[127.0.0.1]:${sshd.port} ${other}`);
    expect((await refusal()).code).toBe("HOST_KEY_CHANGED");
  });

  it("shows a host key that nobody knows", async () => {
    writeFileSync(sshd.knownHosts, "");
    expect((await refusal()).code).toBe("HOST_KEY_UNKNOWN");
  });

  it("does not know our key", async () => {
    rmSync(join(sshd.directory, "authorized_keys"));
    const { code, why } = await refusal();
    expect(code).toBe("SSH_DENIED");
    expect(why).toContain("Permission denied (publickey)");
  });

  it("is asked with a key that is not there", async () => {
    rmSync(join(sshd.directory, "user_key"));
    const { code, evidence } = await refusal();
    expect(code).toBe("SSH_DENIED");
    expect(evidence?.join("\n")).toContain("No such file or directory");
  });

  it.skipIf(userInfo().uid !== 0)("is on no network that this machine is on", async () => {
    // A network of its own, with nothing in it.
    sshd.env["CUTOVER_SSH"] = `unshare -n ${sshd.env["CUTOVER_SSH"]}`;
    expect((await refusal()).code).toBe("HOST_UNREACHABLE");
  });

  it("refuses every start for as long as it is tried again", async () => {
    let starts = 0;
    const busy = net.createServer((socket) => {
      starts += 1;
      socket.resetAndDestroy();
    });
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const address = busy.address();
    sshd.configure([`Port ${typeof address === "object" ? address?.port : undefined}`]);
    expect((await refusal()).code).toBe("SSH_BUSY");
    expect(starts).toBe(10);
    busy.close();
  });

  it("has no ssh server", async () => {
    sshd.configure([`Port ${await freePort()}`]);
    expect((await refusal()).code).toBe("HOST_REFUSED");
  });

  it("has a name that nobody knows", async () => {
    sshd.configure(["HostName nowhere.invalid"]);
    expect((await refusal()).code).toBe("HOST_NAME_UNKNOWN");
  });

  it("takes connections and says nothing", async () => {
    const silent = net.createServer(() => undefined).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    sshd.configure([`Port ${port}`]);
    const { CUTOVER_SSH } = sshd.env;
    sshd.env["CUTOVER_SSH"] = `${CUTOVER_SSH} -o ConnectTimeout=1`;
    expect((await refusal()).code).toBe("HOST_SILENT");
    silent.close();
  });

  it("gives no shell to whoever comes in", async () => {
    await sshd.stop();
    sshd = await startSshd({ settings: ["ForceCommand echo 'This account is for files only.'; exit 1"] });
    const { code, evidence } = await refusal();
    expect(code).toBe("SSH_NO_SHELL");
    expect(evidence?.join("\n")).toContain("This account is for files only.");
  });

  it("is not reached when ssh has a broken configuration, or is not there", async () => {
    sshd.configure(["NoSuchOption yes"]);
    expect(await problemOf(connectServer("alpha", { env: sshd.env }))).toMatchObject({ code: "SSH_CONFIG" });
    sshd.env["CUTOVER_SSH"] = "/nonexistent/ssh";
    expect(await problemOf(connectServer("alpha", { env: sshd.env }))).toMatchObject({ code: "SSH_MISSING" });
  });
});
