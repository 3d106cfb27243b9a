import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectExit, openShop, type Shop, shopYaml } from "./shop.ts";

const person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
const files = ["http.cjs", "settings.cjs", "websocket.cjs"];

const committedAt = Date.UTC(2026, 0, 15, 12, 30);

function git(cwd: string, ...words: readonly string[]): string {
  const env = { ...process.env, GIT_COMMITTER_DATE: new Date(committedAt).toISOString() };
  return execFileSync("git", [...person, ...words], { cwd, env, encoding: "utf8" }).trim();
}

/** When the revision of the newest deployment was committed, as history tells it. */
async function newestCommit(shop: Shop): Promise<unknown> {
  const { stdout } = await shop.cutover(["history", "--json"]);
  const { deployments } = JSON.parse(stdout) as { readonly deployments: readonly { committedAt: unknown }[] };
  return deployments.at(-1)?.committedAt;
}

/** A commit with everything in the directory, whose application answers with this version. */
function commit(repository: string, version: string, directory = "."): string {
  writeFileSync(join(repository, directory, "settings.json"), JSON.stringify({ VERSION: version }));
  git(repository, "add", "--all");
  git(repository, "commit", "--quiet", "--message", version);
  return git(repository, "rev-parse", "HEAD");
}

describe("sources other than this directory", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  function configure(source: string, service?: string): void {
    shop.configure(
      shopYaml(shop, { text: `source: ${source}`, ...(service === undefined ? {} : { service }) }),
    );
  }

  const released = (): readonly string[] => readdirSync(join(shop.path, "current")).toSorted();

  test("a git URL is deployed at its branch, and at any REF", async () => {
    const work = join(shop.host.directory, "work");
    const bare = join(shop.host.directory, "origin.git");
    mkdirSync(work);
    git(work, "init", "--quiet", "--initial-branch=main");
    for (const file of files) cpSync(join(shop.project, file), join(work, file));
    commit(work, "git-v1");
    git(work, "tag", "v1");
    git(shop.host.directory, "clone", "--quiet", "--bare", work, bare);
    const second = commit(work, "git-v2");
    git(work, "push", "--quiet", bare, "main");

    configure(`{ git: "file://${bare}", branch: main }`);
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe("git-v2");
    expect(released()).toEqual([...files, "settings.json"].toSorted());
    // The config lies elsewhere: only the server that fetched it has ever seen the commit.
    expect(await newestCommit(shop)).toBe(committedAt);
    expectExit(await shop.cutover(["deploy", "v1"]), 0);
    expect(await shop.version()).toBe("git-v1");
    expectExit(await shop.cutover(["deploy", second.slice(0, 10)]), 0);
    expect(await shop.version()).toBe("git-v2");

    const unknown = await shop.cutover(["deploy", "no-such-branch"]);
    expectExit(unknown, 3);
    expect(unknown.stderr).toContain("GIT_REF_UNKNOWN");
    expect(await shop.version()).toBe("git-v2");
  });

  test("a REF that broke is refused like any release, and the repository may vanish afterwards", async () => {
    const work = join(shop.host.directory, "work");
    const before = shop.current();
    writeFileSync(join(work, "settings.json"), JSON.stringify({ VERSION: "bad", CRASH_AT_BOOT: "1" }));
    git(work, "commit", "--quiet", "--all", "--message", "bad");
    git(work, "push", "--quiet", join(shop.host.directory, "origin.git"), "main");
    expectExit(await shop.cutover(["deploy"]), 4);
    expect(shop.current()).toBe(before);
    configure(`{ git: "file://${shop.host.directory}/gone.git", branch: main }`);
    const gone = await shop.cutover(["deploy"]);
    expectExit(gone, 3);
    expect(gone.stderr).toContain("GIT_UNREACHABLE");
    expectExit(await shop.cutover(["rollback"]), 0);
    expect(await shop.version()).toBe("git-v1");
  });

  test.each([
    ["tar.gz", "-z"],
    ["tar.zst", "--zstd"],
  ])("an artifact .%s goes live, named by the git revision", async (suffix, flag) => {
    const built = join(shop.host.directory, `built-${suffix}`);
    mkdirSync(built);
    for (const file of files) cpSync(join(shop.project, file), join(built, file));
    writeFileSync(join(built, "settings.json"), JSON.stringify({ VERSION: suffix }));
    if (!existsSync(join(shop.project, ".git"))) git(shop.project, "init", "--quiet");
    const revision = commit(shop.project, `source of ${suffix}`);
    mkdirSync(join(shop.project, "dist"), { recursive: true });
    const archive = join(shop.project, `dist/shop-${revision}.${suffix}`);
    execFileSync("tar", ["-C", built, flag, "-cf", archive, "."]);
    configure(`{ artifact: "dist/shop-{revision}.${suffix}" }`);
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(await shop.version()).toBe(suffix);
    expect(await newestCommit(shop)).toBe(committedAt);
    expect(released()).toEqual([...files, "settings.json"].toSorted());
  });

  test("an artifact of an older revision is chosen by REF; one that is not there is named", async () => {
    expectExit(await shop.cutover(["deploy", "HEAD"]), 0);
    const missing = await shop.cutover(["deploy", "HEAD~1"]);
    expectExit(missing, 3);
    expect(missing.stderr).toContain("ARTIFACT_MISSING");
    expect(missing.stderr).toContain(git(shop.project, "rev-parse", "HEAD~1"));
    configure("{ artifact: dist/shop.tar.gz }");
    const refused = await shop.cutover(["deploy", "main"]);
    expectExit(refused, 2);
    expect(refused.stderr).toContain("REF_WITHOUT_REPOSITORY");
    expect(await shop.version()).toBe("tar.zst");
  });
});

describe("a project that is a part of a repository", () => {
  let shop: Shop;
  let repository: string;
  const project = (): string => join(repository, "apps/shop");

  beforeAll(async () => {
    shop = await openShop();
    repository = join(shop.host.directory, "monorepo");
    mkdirSync(project(), { recursive: true });
    git(repository, "init", "--quiet", "--initial-branch=main");
    writeFileSync(join(repository, "README.md"), "everything\n");
    for (const file of files) cpSync(join(shop.project, file), join(project(), file));
    writeFileSync(join(project(), "cutover.yml"), shopYaml(shop));
    commit(repository, "part-v1", "apps/shop");
    git(repository, "tag", "v1");
    commit(repository, "part-v2", "apps/shop");
  });
  afterAll(() => shop.close());

  const deploy = (...words: readonly string[]) => shop.host.cutover(["deploy", ...words], { cwd: project() });

  test("deploys that part alone, with a REF as without", async () => {
    expectExit(await deploy(), 0);
    expect(await shop.version()).toBe("part-v2");
    const names = readdirSync(join(shop.path, "current")).toSorted();
    expect(names).toEqual([...files, "cutover.yml", "settings.json"].toSorted());
    expectExit(await deploy("v1"), 0);
    expect(await shop.version()).toBe("part-v1");
    expect(readdirSync(join(shop.path, "current")).toSorted()).toEqual(names);
    const same = await deploy("v1");
    expect(same.stdout).toContain("Nothing to deploy");
  });

  test("says so when a REF does not have that part", async () => {
    git(repository, "switch", "--quiet", "--orphan", "other");
    writeFileSync(join(repository, "README.md"), "other\n");
    git(repository, "add", "README.md");
    git(repository, "commit", "--quiet", "--message", "other");
    git(repository, "switch", "--quiet", "main");
    const ran = await deploy("other");
    expectExit(ran, 4);
    expect(ran.stderr).toContain("GIT_DIRECTORY_MISSING");
    expect(ran.stderr).toContain("has no directory apps/shop");
    expect(await shop.version()).toBe("part-v1");
  });

  test("is refused with a REF outside of any repository", async () => {
    const ran = await shop.cutover(["deploy", "main"]);
    expectExit(ran, 2);
    expect(ran.stderr).toContain("REF_WITHOUT_REPOSITORY");
  });
});
