import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPlace, releasePath } from "../../../src/release/place.ts";
import { resolveRevision } from "../../../src/release/revision.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { git, repository, specOf, stage, write } from "./source-tree.ts";

describe("a directory in git", () => {
  test("gives its tracked files and those that are new, and none that git ignores", async () => {
    const root = scratch();
    const source = repository(join(root, "app"), {
      "a.js": "1",
      "gone.js": "1",
      ".gitignore": "secret\nnode_modules\n",
    });
    write(source, { secret: "s", "node_modules/x/index.js": "", "new file.js": "n", "dir/ünïcode.js": "u" });
    chmodSync(join(source, "a.js"), 0o755);
    symlinkSync("a.js", join(source, "link"));
    rmSync(join(source, "gone.js"));
    const place = await openPlace(join(root, "place"));
    const directory = releasePath(place, (await stage(place, specOf(source))).id);
    expect(readdirSync(directory).sort()).toEqual([".gitignore", "a.js", "dir", "link", "new file.js"]);
    expect(readFileSync(join(directory, "dir/ünïcode.js"), "utf8")).toBe("u");
    expect(statSync(join(directory, "a.js")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(directory, "link"))).toBe("a.js");
  });

  test("that lies inside a repository gives only its own files", async () => {
    const root = scratch();
    repository(join(root, "mono"), { "web/a.js": "1", "api/b.js": "1" });
    const place = await openPlace(join(root, "place"));
    const { id } = await stage(place, specOf(join(root, "mono/web")));
    expect(readdirSync(releasePath(place, id))).toEqual(["a.js"]);
  });

  test("gives the files of its submodules", async () => {
    const root = scratch();
    const library = repository(join(root, "library"), { "lib.js": "l" });
    const source = repository(join(root, "app"), { "a.js": "1" });
    git(source, "submodule", "--quiet", "add", library, "vendor/library");
    const place = await openPlace(join(root, "place"));
    const { id } = await stage(place, specOf(source));
    expect(readFileSync(join(releasePath(place, id), "vendor/library/lib.js"), "utf8")).toBe("l");
    expect(existsSync(join(releasePath(place, id), "vendor/library/.git"))).toBe(false);
  });

  test("that holds the releases does not deploy them into themselves", async () => {
    const source = repository(join(scratch(), "app"), { "a.js": "1" });
    const place = await openPlace(join(source, "deploy"));
    const { id } = await stage(place, specOf(source));
    expect(readdirSync(releasePath(place, id))).toEqual(["a.js"]);
    const { revision } = await resolveRevision({ kind: "directory", path: source }, place);
    expect(revision, "no change of its own").toBe(git(source, "rev-parse", "HEAD"));
  });

  test.each(["with git", "without git"])(
    "that is the place itself, %s, does not deploy releases either",
    async (how) => {
      const source = write(join(scratch(), "app"), { "a.js": "1" });
      if (how === "with git") git(source, "init", "--quiet");
      const place = await openPlace(source);
      await stage(place, specOf(source));
      const { id } = await stage(place, specOf(source));
      expect(readdirSync(releasePath(place, id))).toEqual(["a.js"]);
    },
  );

  test("reached through a link still knows the releases inside it", async () => {
    const root = scratch();
    const source = repository(join(root, "app"), { "a.js": "1" });
    symlinkSync("app", join(root, "link"));
    const place = await openPlace(join(source, "deploy"));
    const { id } = await stage(place, specOf(join(root, "link")));
    expect(readdirSync(releasePath(place, id))).toEqual(["a.js"]);
  });

  test("is named by its commit, and by its changes as long as there are any", async () => {
    const root = scratch();
    const source = repository(join(root, "app"), { "a.js": "1" });
    const place = await openPlace(join(root, "place"));
    const head = git(source, "rev-parse", "HEAD");
    const clean = await resolveRevision({ kind: "directory", path: source }, place);
    expect(clean).toEqual({ revision: head, label: `main ${head.slice(0, 8)}` });
    write(source, { "a.js": "2" });
    const changed = await resolveRevision({ kind: "directory", path: source }, place);
    expect(changed.revision).toMatch(new RegExp(`^${head}-dirty-[0-9a-f]{8}$`));
    expect(await resolveRevision({ kind: "directory", path: source }, place)).toEqual(changed);
    write(source, { "a.js": "3" });
    expect((await resolveRevision({ kind: "directory", path: source }, place)).revision).not.toBe(
      changed.revision,
    );
  });

  test("of which git takes no file is refused", async () => {
    const source = repository(join(scratch(), "app"), { ".gitignore": "build\n" });
    write(source, { "build/index.html": "" });
    const place = await openPlace(scratch());
    const problem = await problemOf(stage(place, specOf(join(source, "build"))));
    expect(problem).toMatchObject({ code: "SOURCE_EMPTY", exit: 4 });
    expect(problem.state).toContain("nothing was switched");
  });
});

describe("a directory without git", () => {
  test("gives all but dependencies and what .cutoverignore names", async () => {
    const root = scratch();
    const source = write(join(root, "app"), {
      "a.js": "1",
      "b.log": "",
      "dir/c.log": "",
      "dir/d.js": "",
      "tmp/e": "",
      "node_modules/x/i.js": "",
      ".cutoverignore": "# local\n*.log\n/tmp/\n",
    });
    const place = await openPlace(join(root, "place"));
    const directory = releasePath(place, (await stage(place, specOf(source))).id);
    expect(readdirSync(directory, { recursive: true }).map(String).sort()).toEqual([
      ".cutoverignore",
      "a.js",
      "dir",
      "dir/d.js",
    ]);
  });

  test("is named by its content", async () => {
    const source = write(join(scratch(), "app"), { "a.js": "1" });
    const place = await openPlace(scratch());
    const revision = async (): Promise<string> =>
      (await resolveRevision({ kind: "directory", path: source }, place)).revision;
    const first = await revision();
    expect(await revision()).toBe(first);
    chmodSync(join(source, "a.js"), 0o755);
    const second = await revision();
    mkdirSync(join(source, "node_modules"));
    expect(await revision()).toBe(second);
    expect(second).not.toBe(first);
  });

  test("that is not there is said to be missing", async () => {
    const place = await openPlace(scratch());
    const problem = await problemOf(resolveRevision({ kind: "directory", path: "/nowhere" }, place));
    expect(problem).toMatchObject({ code: "SOURCE_MISSING", exit: 3 });
  });
});
