import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectSupervisor } from "../../../dist/process/client.js";
import { homePaths } from "../../../dist/process/home.js";
import { cutover, type Ran } from "../cli/run-cutover.ts";
import { hasSshd, type Sshd, startSshd } from "./sshd.ts";

describe.skipIf(!hasSshd)("a deployment to a server over ssh", () => {
  let sshd: Sshd;
  let project: string;
  beforeEach(async () => {
    sshd = await startSshd();
    project = join(sshd.directory, "project");
    mkdirSync(project);
    writeFileSync(join(project, ".gitignore"), "secret\n");
    writeFileSync(join(project, "secret"), "not to be sent");
    writeFileSync(join(project, "run.sh"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
    execFileSync("git", ["init", "-q", project]);
    config(".");
  });
  afterEach(async () => {
    const home = homePaths({ CUTOVER_HOME: sshd.home });
    const supervisor = await connectSupervisor(home, { start: false }).catch(() => null);
    await supervisor?.shutdown("stop");
    await sshd.stop();
  });

  function config(source: string): void {
    const services = "services: { worker: { run: ./run.sh, health: none } }";
    const servers = `servers: [${sshd.name}]`;
    const lines = [
      "app: shop",
      `source: ${source}`,
      servers,
      `path: ${at()}`,
      services,
      "rollout: { bake: 300ms }",
    ];
    writeFileSync(join(project, "cutover.yml"), `${lines.join("\n")}\n`);
  }
  const at = (...names: readonly string[]): string => join(sshd.directory, "srv", ...names);
  const run = (...words: readonly string[]): Promise<Ran> => cutover(words, { cwd: project, env: sshd.env });
  const uploads = (): readonly string[] => readdirSync(at(".cutover/uploads"));

  it("brings the files of this directory, once, and over one connection", async () => {
    const first = await run("deploy");
    expect(first).toMatchObject({ exit: 0, err: "" });
    expect(readdirSync(at("current")).sort()).toEqual([".gitignore", "cutover.yml", "run.sh"]);
    expect(uploads()).toHaveLength(1);
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
    expect(first.out.match(/Installing cutover .* on alpha/g)).toHaveLength(1);
    const again = await run("deploy");
    expect(again.out).not.toContain("Installing");
    expect(again.out).toContain("Nothing to deploy");
    expect((await run("deploy", "--force")).out).not.toContain("Sending");
    writeFileSync(join(project, "new.txt"), "new");
    expect((await run("deploy")).exit).toBe(0);
    expect(existsSync(at("current/new.txt"))).toBe(true);
    expect((await run("rollback")).exit).toBe(0);
    expect(existsSync(at("current/new.txt"))).toBe(false);
  });

  it("brings an artifact as it is", async () => {
    execFileSync("tar", ["-czf", join(project, "shop.tar.gz"), "-C", project, "run.sh"]);
    config("{ artifact: shop.tar.gz }");
    expect(await run("deploy")).toMatchObject({ exit: 0 });
    expect(readdirSync(at("current"))).toEqual(["run.sh"]);
    const [key = ""] = uploads();
    const sent = readFileSync(at(".cutover/uploads", key));
    expect(sent.equals(readFileSync(join(project, "shop.tar.gz")))).toBe(true);
    rmSync(join(project, "shop.tar.gz"));
  });
});
