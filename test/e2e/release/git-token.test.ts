import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPlace, placeAt, releasePath } from "../../../src/release/place.ts";
import { resolveRevision } from "../../../src/release/revision.ts";
import { openHost } from "../host.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { type PrivateGit, servePrivately } from "./private-git.ts";
import { git, repository, specOf, stage } from "./source-tree.ts";

const user = "deployer";
const password = "s3cr@t/t0ken";
const login = `${user}:${encodeURIComponent(password)}@`;

let root = "";
let server: PrivateGit;

beforeEach(async () => {
  root = scratch();
  server = await servePrivately(repository(join(root, "origin"), { "a.txt": "1" }), { user, password });
});
afterEach(() => server.close());

function urlWith(userinfo: string): string {
  return `http://${userinfo}127.0.0.1:${server.port}/shop.git`;
}

/** Every file below a directory that holds the secret. */
function holding(directory: string): readonly string[] {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true, encoding: "utf8" });
  const files = all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const secrets = [password, encodeURIComponent(password)];
  return files.filter((file) => secrets.some((secret) => readFileSync(file).includes(secret)));
}

describe("a git URL with a token", () => {
  test("fetches, and the token is in no command line and in no file of the mirror", async () => {
    const place = await openPlace(join(root, "place"));
    const { id } = await stage(place, specOf({ kind: "git", url: urlWith(login), ref: "main" }));
    expect(readFileSync(join(releasePath(place, id), "a.txt"), "utf8")).toBe("1");
    expect(server.leaks).toEqual([]);
    expect(holding(place.home)).toEqual([]);
  });

  test("that was renewed uses the mirror that is there", async () => {
    const place = await openPlace(join(root, "place"));
    const revision = git(join(root, "origin"), "rev-parse", "HEAD");
    const expired = specOf({ kind: "git", url: urlWith("deployer:expired@"), ref: "main" });
    expect((await problemOf(stage(place, expired, { revision }))).code).toBe("GIT_DENIED");
    await stage(place, specOf({ kind: "git", url: urlWith(login), ref: "main" }));
    expect(readdirSync(place.mirrors)).toHaveLength(1);
  });

  test("that is refused says so without it", async () => {
    const wrong = { kind: "git", url: urlWith("deployer:wr0ng-t0ken@"), ref: "main" } as const;
    const problem = await problemOf(resolveRevision(wrong, placeAt(join(root, "place"))));
    expect(problem.code).toBe("GIT_DENIED");
    expect(JSON.stringify(problem)).not.toContain("wr0ng");
  });

  test("works beside settings of git that came by the environment", async () => {
    const place = await openPlace(join(root, "place"));
    const given = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "Ada" };
    Object.assign(process.env, given);
    try {
      await stage(place, specOf({ kind: "git", url: urlWith(login), ref: "main" }));
    } finally {
      for (const name of Object.keys(given)) delete process.env[name];
    }
  });

  test("without a password gets it from where git keeps passwords", async () => {
    const place = await openPlace(join(root, "place"));
    const helper = join(root, "helper");
    writeFileSync(helper, `#!/bin/sh\necho username=${user}\necho 'password=${password}'\n`, { mode: 0o755 });
    const config = join(root, "gitconfig");
    writeFileSync(config, `[credential]\n\thelper = ${helper}\n`);
    process.env["GIT_CONFIG_GLOBAL"] = config;
    try {
      for (const userinfo of ["", `${user}@`])
        await stage(place, specOf({ kind: "git", url: urlWith(userinfo), ref: "main" }));
    } finally {
      delete process.env["GIT_CONFIG_GLOBAL"];
    }
    expect(server.leaks).toEqual([]);
  });

  test("in place of the name needs no password, and is hidden as well", async () => {
    const own = await servePrivately(join(root, "origin"), { user: "t0ken-as-name", password: "" });
    try {
      const place = await openPlace(join(root, "place"));
      const url = `http://t0ken-as-name@127.0.0.1:${own.port}/shop.git`;
      await stage(place, specOf({ kind: "git", url, ref: "main" }));
      expect(own.leaks).toEqual([]);
    } finally {
      await own.close();
    }
  });

  test("is in no output and no journal of a deployment, and of one that fails", async () => {
    const host = await openHost();
    try {
      const project = join(host.directory, "project");
      const path = join(host.directory, "srv");
      mkdirSync(project);
      const services = "services: { worker: { run: sleep 1000, health: none } }\nrollout: { bake: 100ms }";
      const configure = (url: string, ref: string): void =>
        writeFileSync(
          join(project, "cutover.yml"),
          `app: shop\npath: ${path}\nsource: { git: "${url}", branch: ${ref} }\n${services}\n`,
        );
      configure(urlWith(`${user}:$SHOP_TOKEN@`), "main");
      const lacking = await host.cutover(["deploy"], { cwd: project });
      expect(lacking).toMatchObject({ exit: 3, stderr: expect.stringContaining("needs $SHOP_TOKEN") });
      const env = { SHOP_TOKEN: password };
      const ran = await host.cutover(["deploy", "--json", "--verbose"], { cwd: project, env });
      expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
      configure(urlWith(login), "nowhere");
      const failed = await host.cutover(["deploy"], { cwd: project });
      expect(failed.exit).toBe(3);
      const runs = [ran, failed];
      for (const words of [["status"], ["history"], ["releases"], ["plan", "main"]])
        runs.push(await host.cutover(words, { cwd: project }));
      const said = runs.map(({ stdout, stderr }) => stdout + stderr).join("");
      for (const secret of [password, encodeURIComponent(password)]) expect(said).not.toContain(secret);
      expect(server.leaks).toEqual([]);
      // The settings of a release are a secret file: without them nobody could stage it again.
      const kept = holding(join(path, ".cutover"));
      expect(kept.filter((file) => !file.includes("/specs/"))).toEqual([]);
      const modes = execFileSync("stat", ["-c", "%a", ...kept])
        .toString()
        .trim()
        .split("\n");
      expect(new Set(modes)).toEqual(new Set(["600"]));
    } finally {
      await host.close();
    }
  });
});
