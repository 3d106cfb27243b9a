import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { join } from "node:path";
import { connectServer } from "../../../dist/fleet/ssh/connect.js";
import { homePaths } from "../../../dist/process/home.js";
import { installPackage } from "../../../dist/process/package/install.js";
import { hasSshd, type Sshd, startSshd } from "./sshd.ts";

describe.skipIf(!hasSshd)("a server over ssh", () => {
  let sshd: Sshd;
  beforeEach(async () => {
    sshd = await startSshd();
  });
  afterEach(() => sshd.stop());

  it("answers as the end of that host, over one connection and one channel", async () => {
    await installPackage(homePaths({ CUTOVER_HOME: sshd.home }));
    const connection = await connectServer(sshd.name, { env: sshd.env });
    const end = await connection.openHost({
      app: "shop",
      path: join(sshd.directory, "srv"),
      access: "write",
    });
    expect(end.name).toBe("alpha");
    expect(await end.epoch()).toBe(0);
    await end.close();
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
    expect(sshd.log().match(/Starting session/g)).toHaveLength(1);
  });
});
