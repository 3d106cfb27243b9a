import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drainReleases } from "../../../src/release/drain.ts";
import { observeReleases } from "../../../src/release/observe.ts";
import { type Place, openPlace, releasePath } from "../../../src/release/place.ts";
import { switchCurrent } from "../../../src/release/switch.ts";
import { scratch } from "../../release/scratch.ts";
import { runModule } from "./child.ts";
import { repository, specOf, stage } from "./source-tree.ts";

const id = "20261121100001";

/** Everything that a release is made of, in one text. */
function treeOf(place: Place, release: string): string {
  const argv = [".", "-printf", "%P %y %m %l\n", "-type", "f", "-exec", "sha256sum", "{}", ";"];
  const text = execFileSync("find", argv, { cwd: releasePath(place, release), encoding: "utf8" });
  return text
    .split("\n")
    .sort((a, b) => (a < b ? -1 : 1))
    .join("\n");
}

/** Ends the process, as kill -9 does, right before its n-th call that changes files. */
const killAt = (call: number): string => `
  const { syncBuiltinESMExports } = await import("node:module");
  const files = (await import("node:fs")).default.promises;
  let left = ${String(call)};
  for (const name of ["mkdir", "rename", "symlink", "copyFile", "chmod", "open", "writeFile", "link", "rm"]) {
    const real = files[name];
    files[name] = (...argv) => {
      if (left-- === 0) process.kill(process.pid, "SIGKILL");
      return real(...argv);
    };
  }
  syncBuiltinESMExports();`;

test("a deployment killed at any call leaves the live release, and is made whole by the next one", async () => {
  const root = scratch();
  const files = { "a.js": "1", "dir/b.js": "2", "storage/seed": "s", "package-lock.json": "{}" };
  const source = repository(join(root, "app"), files);
  const build = { run: ["mkdir -p node_modules public", "echo x > public/app.js"], where: "server" } as const;
  const spec = specOf(source, {
    build: { ...build, cache: { node_modules: "package-lock.json" }, timeoutMs: 30_000 },
    shared: { dirs: ["storage"], files: ["robots.txt"] },
    writable: ["cache"],
    assets: { path: "public", keepMs: 60_000 },
    envTo: ".env",
  });
  const clean = await openPlace(join(root, "clean"));
  await stage(clean, spec, { id, env: "KEY=value" });
  const wanted = treeOf(clean, id);
  const input = { id, app: "shop", host: "here", spec, previous: null, variables: {}, env: "KEY=value" };
  let kills = 0;
  for (let call = 0; ; call += 3) {
    const place = await openPlace(join(root, `place-${String(call)}`));
    const live = await stage(place, specOf(source));
    await switchCurrent(place, live.id);
    const child = runModule(`
      ${killAt(call)}
      const { placeAt } = await load("release/place.js");
      const { stageRelease } = await load("release/stage.js");
      const { switchCurrent } = await load("release/switch.js");
      const place = placeAt(${JSON.stringify(place.path)});
      await stageRelease(place, { ...${JSON.stringify(input)}, emit: () => {} });
      await switchCurrent(place, ${JSON.stringify(id)});`);
    const [, signal] = await once(child, "exit");
    const { current, releases } = await observeReleases(place);
    expect([live.id, id], `after call ${String(call)}`).toContain(current);
    if (current === live.id) expect(readFileSync(join(place.current, "a.js"), "utf8")).toBe("1");
    for (const { id: seen, state } of releases) if (seen === id) expect(["staged", "live"]).toContain(state);
    await stage(place, spec, { id, env: "KEY=value" });
    await switchCurrent(place, id);
    expect(await drainReleases(place, { mark: "good", of: id, keep: 5 })).toEqual([]);
    expect(treeOf(place, id), `after call ${String(call)}`).toBe(wanted);
    expect(readlinkSync(place.current)).toBe(`releases/${id}`);
    expect(readdirSync(place.path).sort()).toEqual([".cutover", "current", "releases", "shared"]);
    expect(readdirSync(place.trash)).toEqual([]);
    expect(readdirSync(place.releases).sort()).toEqual([live.id, id].sort());
    if (signal === null) break;
    kills += 1;
  }
  expect(kills).toBeGreaterThan(8);
});
