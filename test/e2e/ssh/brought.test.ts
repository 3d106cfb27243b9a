import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasSshd } from "./sshd.ts";
import { openTwoServers, type TwoServers } from "./two-servers.ts";

const both = ["alpha", "beta"] as const;
const person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];

describe.skipIf(!hasSshd)("what this machine brings to its servers", () => {
  let servers: TwoServers;
  beforeEach(async () => {
    servers = await openTwoServers();
  });
  afterEach(() => servers.close());

  const git = (...words: readonly string[]): string =>
    execFileSync("git", [...person, "-C", servers.project, ...words], { encoding: "utf8" }).trim();
  const commit = (text: string): void => {
    writeFileSync(join(servers.project, "text"), text);
    git("add", "--all", ".");
    git("commit", "-q", "-m", text);
  };
  const texts = (): readonly string[] =>
    both.map((server) => readFileSync(servers.on(server, "shop/current/text"), "utf8"));

  it("is the commit of a repository that only it has: of a REF, or of a git source by its path", async () => {
    servers.configure(["servers: [alpha, beta]"]);
    commit("one");
    commit("two");
    const old = await servers.run("deploy", "HEAD~1");
    expect(old).toMatchObject({ exit: 0, err: "" });
    expect(texts()).toEqual(["one", "one"]);
    expect(old.out).toContain("Sending HEAD~1");
    servers.configure(["servers: [alpha, beta]", "source: { git: ., branch: main }"]);
    expect(await servers.run("deploy")).toMatchObject({ exit: 0, err: "" });
    expect(texts()).toEqual(["two", "two"]);
    const unknown = await servers.run("deploy", "nowhere");
    expect(unknown).toMatchObject({ exit: 3, err: expect.stringContaining("GIT_REF_UNKNOWN") });
    // Neither server has looked for a repository.
    for (const server of both) expect(readdirSync(servers.on(server, "shop/.cutover/git"))).toEqual([]);
  });

  it("is what it has built, once for all of them", async () => {
    const log = join(servers.directory, "builds");
    const build = `build: { where: here, run: ['echo $CUTOVER_RELEASE >>${log}', 'mkdir -p dist/empty', 'cp .env dist/copy; ln -s copy dist/link'] }`;
    writeFileSync(join(servers.project, ".env.template"), "GREETING=hello\n");
    writeFileSync(join(servers.project, "text"), "built");
    servers.configure(["servers: [alpha, beta]", "env: { template: .env.template, to: .env }", build]);
    const ran = await servers.run("deploy");
    expect(ran).toMatchObject({ exit: 0, err: "" });
    const [release = ""] = readdirSync(servers.on("alpha", "shop/releases"));
    expect(readFileSync(log, "utf8")).toBe(`${release}\n`);
    for (const server of both) {
      const at = (name: string): string => servers.on(server, "shop/current", name);
      expect(readFileSync(at("dist/link"), "utf8")).toContain("GREETING");
      expect(existsSync(at("dist/empty"))).toBe(true);
      expect(readFileSync(at(".env"), "utf8")).toContain("hello");
    }
    expect(execFileSync("find", [join(servers.directory, "operator"), "-name", ".env"]).toString()).toBe("");
    expect((await servers.run("deploy")).out).toContain("Nothing to deploy");
    expect(readFileSync(log, "utf8")).toBe(`${release}\n`);
  });

  it("is nothing when its build fails: the old release serves, and no server has got anything", async () => {
    writeFileSync(join(servers.project, "text"), "one");
    servers.configure(["servers: [alpha, beta]"]);
    expect((await servers.run("deploy")).exit).toBe(0);
    servers.configure([
      "servers: [alpha, beta]",
      "build: { where: here, run: ['echo no such thing; exit 3'] }",
    ]);
    const failed = await servers.run("deploy");
    expect(failed).toMatchObject({ exit: 4, err: expect.stringContaining("BUILD_FAILED") });
    expect(failed.err).toContain("still serves");
    expect(texts()).toEqual(["one", "one"]);
    for (const server of both)
      expect(readdirSync(servers.on(server, "shop/.cutover/uploads"))).toHaveLength(1);
    expect((await servers.run("status")).exit).toBe(0);
  });

  it("is on a server that came later what the others have, although it is nowhere else any more", async () => {
    writeFileSync(join(servers.project, "text"), "one");
    servers.configure(["servers: [alpha]", "build: { where: here, run: ['date +%N >made'] }"]);
    expect(await servers.run("deploy")).toMatchObject({ exit: 0, err: "" });
    rmSync(join(servers.directory, "operator/here"), { recursive: true });
    writeFileSync(join(servers.project, "text"), "two");
    servers.configure(["servers: [alpha, beta]", "build: { where: here, run: ['date +%N >made'] }"]);
    const ran = await servers.run("deploy", "--converge");
    expect(ran).toMatchObject({ exit: 0, err: "" });
    expect(ran.out).toContain("from alpha to beta");
    expect(texts()).toEqual(["one", "one"]);
    const made = both.map((server) => readFileSync(servers.on(server, "shop/current/made"), "utf8"));
    expect(made[0]).toBe(made[1]);
  });
});
