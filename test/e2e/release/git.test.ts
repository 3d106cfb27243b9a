import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SourceSpec } from "../../../src/plan/spec.ts";
import { type Place, openPlace, placeAt, releasePath } from "../../../src/release/place.ts";
import { resolveRevision } from "../../../src/release/revision.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { git, repository, specOf, stage, write } from "./source-tree.ts";

interface Bed {
  readonly place: Place;
  readonly origin: string;
  readonly root: string;
}

async function bed(files: Readonly<Record<string, string>> = { "a.js": "1" }): Promise<Bed> {
  const root = scratch();
  return {
    root,
    origin: repository(join(root, "origin"), files),
    place: await openPlace(join(root, "place")),
  };
}

function source(url: string, ref: string = "main"): SourceSpec {
  return { kind: "git", url, ref };
}

function read(place: Place, id: string, file: string): string {
  return readFileSync(join(releasePath(place, id), file), "utf8");
}

describe("a git URL", () => {
  test("is deployed as the ref was when the deployment began, modes and all, without .git", async () => {
    const { place, origin } = await bed();
    chmodSync(join(origin, "a.js"), 0o755);
    git(origin, "commit", "--quiet", "--all", "--message", "mode");
    const planned = await resolveRevision(source(origin), place);
    write(origin, { "a.js": "2" });
    git(origin, "commit", "--quiet", "--all", "--message", "second");
    const { id, revision } = await stage(place, specOf(source(origin)), { revision: planned.revision });
    expect(revision).toBe(planned.revision);
    expect(read(place, id, "a.js")).toBe("1");
    expect(statSync(join(releasePath(place, id), "a.js")).mode & 0o100).toBe(0o100);
    expect(readdirSync(releasePath(place, id))).toEqual(["a.js"]);
    const next = await stage(place, specOf(source(origin)));
    expect(read(place, next.id, "a.js")).toBe("2");
  });

  test("branches, tags, HEAD and commit ids are all refs", async () => {
    const { place, origin } = await bed();
    const first = git(origin, "rev-parse", "HEAD");
    git(origin, "tag", "--annotate", "v1", "--message", "v1");
    git(origin, "switch", "--quiet", "--create", "feature/x");
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "x");
    const tip = git(origin, "rev-parse", "HEAD");
    const refs = {
      main: first,
      v1: first,
      "feature/x": tip,
      HEAD: tip,
      "HEAD~1": first,
      [first]: first,
      [tip.slice(0, 10)]: tip,
    };
    for (const [ref, commit] of Object.entries(refs)) {
      expect((await resolveRevision(source(origin, ref), place)).revision, ref).toBe(commit);
    }
  });

  test("resolving one changes nothing on the host", async () => {
    const { origin, root } = await bed();
    await resolveRevision(source(origin), placeAt(join(root, "elsewhere")));
    expect(existsSync(join(root, "elsewhere"))).toBe(false);
  });

  test("a rewritten and a deleted branch do not disturb the mirror", async () => {
    const { place, origin } = await bed();
    git(origin, "branch", "a");
    await stage(place, specOf(source(origin)));
    git(origin, "branch", "--quiet", "-D", "a");
    git(origin, "branch", "a/b");
    write(origin, { "a.js": "rewritten" });
    git(origin, "commit", "--quiet", "--all", "--amend", "--message", "rewritten");
    const { id } = await stage(place, specOf(source(origin)));
    expect(read(place, id, "a.js")).toBe("rewritten");
  });

  test("a mirror that was damaged is made again", async () => {
    const { place, origin } = await bed();
    await stage(place, specOf(source(origin)));
    const [mirror = ""] = readdirSync(place.mirrors);
    rmSync(join(place.mirrors, mirror, "HEAD"));
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "x");
    expect((await stage(place, specOf(source(origin)))).revision).toBe(git(origin, "rev-parse", "HEAD"));
  });

  test("submodules come with it, a relative one too", async () => {
    const { place, origin, root } = await bed();
    repository(join(root, "library"), { "lib.js": "l" });
    git(origin, "submodule", "--quiet", "add", "../library", "vendor/library");
    git(origin, "commit", "--quiet", "--all", "--message", "library");
    const { id } = await stage(place, specOf(source(origin)));
    expect(read(place, id, "vendor/library/lib.js")).toBe("l");
  });

  test("works from inside a git hook, whose environment names another repository", async () => {
    const { place, origin } = await bed();
    process.env["GIT_DIR"] = "/nowhere";
    try {
      const { id } = await stage(place, specOf(source(origin)));
      expect(read(place, id, "a.js")).toBe("1");
    } finally {
      delete process.env["GIT_DIR"];
    }
  });
});

describe("what can go wrong with it", () => {
  test("a repository that vanished is named, and nothing has changed", async () => {
    const { place, origin } = await bed();
    const live = await stage(place, specOf(source(origin)));
    renameSync(origin, `${origin}-gone`);
    const problem = await problemOf(stage(place, specOf(source(origin)), { previous: live.id }));
    expect(problem).toMatchObject({ code: "GIT_UNREACHABLE", exit: 4 });
    expect(problem.what).toContain(origin);
    expect(problem.state).toContain(`Release ${live.id} still serves`);
    expect(read(place, live.id, "a.js")).toBe("1");
  });

  test("a commit that was fetched before needs no repository any more", async () => {
    const { place, origin } = await bed();
    const { revision } = await stage(place, specOf(source(origin)));
    renameSync(origin, `${origin}-gone`);
    const again = await stage(place, specOf(source(origin)), { revision });
    expect(read(place, again.id, "a.js")).toBe("1");
  });

  test.each(["nowhere", "--upload-pack=touch /tmp/x", "deadbeef", "0".repeat(40)])(
    "an unknown ref %s is called so",
    async (ref) => {
      const { place, origin } = await bed();
      const problem = await problemOf(stage(place, specOf(source(origin, ref))));
      expect(["GIT_REF_UNKNOWN", "GIT_UNREACHABLE"]).toContain(problem.code);
    },
  );

  test("a URL's token is never shown", async () => {
    const place = await openPlace(scratch());
    const url = "http://user:s3cr3t@127.0.0.1:9/shop.git";
    const problem = await problemOf(resolveRevision(source(url), place));
    expect(problem.code).toBe("GIT_UNREACHABLE");
    expect(JSON.stringify(problem)).not.toContain("s3cr3t");
  });

  test("a repository that wants a password is a refusal, not a question", async () => {
    const { createServer } = await import("node:http");
    const server = createServer((_request, response) => {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const url = `http://127.0.0.1:${String(port)}/shop.git`;
      const problem = await problemOf(resolveRevision(source(url), await openPlace(scratch())));
      expect(problem.code).toBe("GIT_DENIED");
    } finally {
      server.close();
    }
  });
});

const hasZstd = spawnSync("zstd", ["--version"]).status === 0;

describe("an artifact", () => {
  async function pack(how: string, name: string): Promise<{ place: Place; path: string }> {
    const root = scratch();
    write(join(root, "build"), { "index.html": "<p>", "js/app.js": "x".repeat(100_000) });
    const path = join(root, name);
    execFileSync("tar", [how, "-cf", path, "-C", join(root, "build"), "."]);
    return { place: await openPlace(join(root, "place")), path };
  }

  test.for([
    ["--gzip", "shop.tar.gz"],
    ["--zstd", "shop.tar.zst"],
    ["--format=gnu", "shop.tar"],
    ["--format=pax", "misnamed.zip"],
  ])("packed with %s as %s is unpacked and named by its digest", async ([how = "", name = ""], { skip }) => {
    skip(how === "--zstd" && !hasZstd, "there is no zstd");
    const { place, path } = await pack(how, name);
    const spec = specOf({ kind: "artifact", path });
    const { id, revision } = await stage(place, spec);
    expect(read(place, id, "js/app.js")).toHaveLength(100_000);
    expect(revision).toMatch(/^[0-9a-f]{64}$/);
    expect((await resolveRevision(spec.source, place)).revision).toBe(revision);
  });

  test.for([
    ["--gzip", "cut.tar.gz"],
    ["--zstd", "cut.tar.zst"],
  ])(
    "packed with %s and cut short is called damaged, and is no release",
    async ([how = "", name = ""], { skip }) => {
      skip(how === "--zstd" && !hasZstd, "there is no zstd");
      const { place, path } = await pack(how, name);
      const whole = readFileSync(path);
      writeFileSync(path, whole.subarray(0, whole.length - 40));
      const problem = await problemOf(stage(place, specOf({ kind: "artifact", path })));
      expect(problem).toMatchObject({ code: "ARTIFACT_DAMAGED", exit: 4 });
    },
  );

  test("that is something else, or missing, or has changed since the plan, is refused", async () => {
    const { place, path } = await pack("--gzip", "shop.tar.gz");
    writeFileSync(`${path}.zip`, "PK");
    const artifact = (path: string): SourceSpec => ({ kind: "artifact", path });
    expect((await problemOf(resolveRevision(artifact(`${path}.zip`), place))).code).toBe("ARTIFACT_UNKNOWN");
    expect((await problemOf(resolveRevision(artifact(`${path}.not`), place))).code).toBe("ARTIFACT_MISSING");
    const changed = stage(place, specOf(artifact(path)), { revision: "0".repeat(64) });
    expect((await problemOf(changed)).code).toBe("ARTIFACT_CHANGED");
  });
});
