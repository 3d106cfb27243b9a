import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ReleaseSpec } from "../../../src/plan/spec.ts";
import { drainReleases } from "../../../src/release/drain.ts";
import { type Place, openPlace, releasePath } from "../../../src/release/place.ts";
import { switchCurrent } from "../../../src/release/switch.ts";
import { scratch } from "../../release/scratch.ts";
import { type Staged, specOf, stage, write } from "./source-tree.ts";

/** Stands for npm: an install removes and fills node_modules, and says that it ran. */
const npm = `#!/bin/sh
echo "npm $*"
[ "$1" = ci ] || exit 0
echo "NODE_ENV=$NODE_ENV"
rm -rf node_modules && mkdir -p node_modules/left node_modules/.generated node_modules/.bin
cp package-lock.json node_modules/left/index.js
ln -s ../left/index.js node_modules/.bin/left
echo first > node_modules/.generated/client
`;

interface Bed {
  readonly place: Place;
  readonly source: string;
  readonly deploy: (change?: Partial<ReleaseSpec["build"]>) => Promise<Staged>;
}

async function bed(files: Readonly<Record<string, string>> = {}): Promise<Bed> {
  const root = scratch();
  const place = await openPlace(join(root, "place"));
  const source = write(join(root, "app"), { "package.json": "{}", "package-lock.json": "{1}", ...files });
  write(root, { "bin/npm": npm });
  chmodSync(join(root, "bin/npm"), 0o755);
  const variables = { PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}`, NODE_ENV: "production" };
  return {
    place,
    source,
    async deploy(change): Promise<Staged> {
      const cache = { node_modules: "package-lock.json" };
      const build = {
        run: ["npm ci", "npm run build"],
        where: "server",
        cache,
        timeoutMs: 60_000,
        ...change,
      } as const;
      const staged = await stage(place, specOf(source, { build }), { variables });
      await switchCurrent(place, staged.id);
      expect(await drainReleases(place, { mark: "good", of: staged.id, keep: 2 })).toEqual([]);
      return staged;
    },
  };
}

function installed(place: Place, { id }: Staged): string {
  return join(releasePath(place, id), "node_modules");
}

describe("the dependency store", () => {
  test("an unchanged lockfile puts the directory in place by rename and skips the install", async () => {
    const { place, deploy } = await bed();
    const first = await deploy();
    expect(first.output).toContain("npm ci");
    const [key = ""] = readdirSync(place.store);
    const spare = readdirSync(join(place.store, key)).find((name) => name.startsWith("spare-")) ?? "";
    const { ino } = statSync(join(place.store, key, spare));
    const second = await deploy();
    expect(second.output.join("\n")).toMatch(/node_modules: unchanged package-lock.json, .* in \d+ ms/);
    expect(second.output).toContain("skipped: npm ci (node_modules came from the store)");
    expect(second.output).not.toContain("NODE_ENV=");
    expect(second.output).toContain("npm run build");
    expect(statSync(installed(place, second)).ino, "renamed").toBe(ino);
    expect(readFileSync(join(installed(place, second), ".bin/left"), "utf8")).toBe("{1}");
  });

  test("what one release does to its directory reaches neither the store nor another release", async () => {
    const { place, deploy } = await bed();
    const mutate = "echo second > node_modules/.generated/client; rm node_modules/left/index.js";
    const first = await deploy({ run: ["npm ci", mutate] });
    const live = join(installed(place, first), ".generated/client");
    const second = await deploy({ run: ["npm ci", "echo third > node_modules/.generated/client"] });
    expect(readFileSync(live, "utf8")).toBe("second\n");
    expect(readFileSync(join(installed(place, second), "left/index.js"), "utf8")).toBe("{1}");
    const third = await deploy({ run: ["npm ci"] });
    expect(readFileSync(join(installed(place, third), ".generated/client"), "utf8")).toBe("first\n");
  });

  test("a tree that a build wrote to in place is not handed on", async () => {
    const { place, deploy } = await bed();
    await deploy({ run: ["npm ci", "echo patched >> node_modules/left/index.js"] });
    const second = await deploy({ run: ["npm ci"] });
    expect(second.output).toContain("npm ci");
    expect(readFileSync(join(installed(place, second), "left/index.js"), "utf8")).toBe("{1}");
    expect((await deploy({ run: ["npm ci"] })).output).toContain(
      "skipped: npm ci (node_modules came from the store)",
    );
  });

  test("a changed lockfile, install line or dependency list installs afresh", async () => {
    const { place, source, deploy } = await bed();
    await deploy();
    write(source, { "package-lock.json": "{2}" });
    const second = await deploy();
    expect(second.output).toContain("npm ci");
    expect(readFileSync(join(installed(place, second), "left/index.js"), "utf8")).toBe("{2}");
    expect((await deploy({ run: ["npm ci --omit=dev"] })).output).toContain("npm ci --omit=dev");
    write(source, { "package.json": '{"dependencies":{"left":"1"}}' });
    expect((await deploy()).output).toContain("npm ci");
    write(source, { "package.json": '{"version":"2","dependencies":{"left":"1"}}' });
    expect((await deploy()).output).not.toContain("npm ci");
  });

  test("the project's own install scripts run though the install is skipped", async () => {
    const scripts = { postinstall: "prisma generate", prepare: "husky", build: "tsc" };
    const { deploy } = await bed({ "package.json": JSON.stringify({ scripts }) });
    await deploy();
    const { output } = await deploy();
    expect(output).toContain("npm run --ignore-scripts postinstall");
    expect(output).toContain("npm run --ignore-scripts prepare");
    expect((await deploy({ run: ["npm ci --ignore-scripts"] })).output.join()).not.toContain("postinstall");
  });

  test("an install sees no NODE_ENV of the release, which would leave out what the build needs", async () => {
    const { output } = await (await bed()).deploy();
    expect(output).toContain("NODE_ENV=");
  });

  test("a build that fails after its install still spares the next one the install", async () => {
    const { deploy } = await bed();
    await expect(deploy({ run: ["npm ci", "false"] })).rejects.toThrow("failed");
    expect((await deploy()).output.join("\n")).toContain("skipped: npm ci");
  });

  test("a directory made before the install is not mistaken for its result", async () => {
    const { deploy } = await bed();
    const run = ["mkdir -p node_modules/.cache", "false", "npm ci"];
    await expect(deploy({ run })).rejects.toThrow("failed");
    expect((await deploy({ run: ["mkdir -p node_modules/.cache", "npm ci"] })).output).toContain("npm ci");
  });

  test("a step that is not known to only install runs, with the directory in place", async () => {
    const { deploy, place } = await bed();
    await deploy({ run: ["npm ci --prefix ."] });
    const second = await deploy({ run: ["npm ci --prefix ."] });
    expect(second.output).toContain("npm ci --prefix .");
    expect(existsSync(join(installed(place, second), "left/index.js"))).toBe(true);
  });

  test("workspaces and Python environments are not kept", async () => {
    const { deploy, place } = await bed({ "package.json": '{"workspaces":["a"]}', "requirements.txt": "x" });
    await deploy();
    expect((await deploy()).output).toContain("npm ci");
    const run = ["mkdir venv && touch venv/pyvenv.cfg"];
    const other = await bed({ "requirements.txt": "x" });
    const build = { run, cache: { venv: "requirements.txt" } };
    await other.deploy(build);
    expect((await other.deploy(build)).output.join()).not.toContain("put in place");
    expect(readdirSync(place.store)).toEqual([]);
  });

  test("is cleaned of what no release refers to, and the live release never notices", async () => {
    const { place, source, deploy } = await bed();
    await deploy();
    const [key = ""] = readdirSync(place.store);
    write(source, { "package-lock.json": "{2}" });
    await deploy();
    const live = await deploy();
    expect(readdirSync(place.store)).not.toContain(key);
    expect(readFileSync(join(installed(place, live), "left/index.js"), "utf8")).toBe("{2}");
    rmSync(place.store, { recursive: true });
    expect(readFileSync(join(installed(place, live), "left/index.js"), "utf8")).toBe("{2}");
    expect((await deploy()).output).toContain("npm ci");
  });
});
