import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appText, openWorld, quick, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await openWorld();
  release("v1");
  world.link("site/current", "releases/v1");
});

afterEach(() => world.close());

function release(version: string): void {
  const root = `site/releases/${version}`;
  world.write(`${root}/dist/main.js`, appText(version));
  world.write(
    `${root}/package.json`,
    JSON.stringify({ name: "site", scripts: { "start:prod": "node dist/main.js" } }),
  );
  world.write(`${root}/ecosystem.config.js`, ecosystem("cwd: __dirname"));
}

function ecosystem(place: string): string {
  return `module.exports = { apps: [{ name: "site", script: "dist/main.js", ${place}, min_uptime: 100 }] }`;
}

/** The six starts of PM2's users; the third column is where the program then works. */
const starts: readonly (readonly [what: string, from: string, words: readonly string[], cwd: string])[] = [
  [
    "in current: a script",
    "site/current",
    ["start", "dist/main.js", "--name", "site", ...quick],
    "site/releases",
  ],
  [
    "in current: npm",
    "site/current",
    ["start", "npm", "--name", "site", ...quick, "--", "run", "start:prod"],
    "site/releases",
  ],
  ["an ecosystem file inside the release", "site/current", ["start", "ecosystem.config.js"], "site/releases"],
  [
    "current/dist/main.js from above",
    "site",
    ["start", "current/dist/main.js", "--name", "site", ...quick],
    "site",
  ],
  ["an ecosystem file outside", "site", ["start", "ecosystem.config.js"], "site/releases"],
  [
    "--cwd current",
    ".",
    ["start", "dist/main.js", "--cwd", "site/current", "--name", "site", ...quick],
    "site/releases",
  ],
];

test.each(starts)(
  "after the switch of current a reload brings the new code: %s",
  async (_what, from, words, cwd) => {
    world.write(
      "site/ecosystem.config.js",
      ecosystem(`cwd: ${JSON.stringify(join(world.directory, "site/current"))}`),
    );
    const here = join(world.directory, from);
    const env = { PORT: String(world.port), PWD: here };
    await world.expectExit(0, words, { cwd: here, env });
    const workingIn = (version: string): string =>
      join(world.directory, cwd === "site" ? cwd : `${cwd}/${version}`);
    expect(await world.ask1()).toMatchObject({ version: "v1", cwd: workingIn("v1") });

    release("v2");
    world.link("site/current", "releases/v2");
    await world.expectExit(0, ["reload", "site"]);
    expect(await world.ask1()).toMatchObject({ version: "v2", cwd: workingIn("v2") });

    rmSync(join(world.directory, "site/releases/v1"), { recursive: true });
    await world.expectExit(0, ["reload", "site"]);
    expect(await world.ask1()).toMatchObject({ version: "v2", cwd: workingIn("v2") });
  },
);

test("a start in the physical directory of the current release follows the link, and says so", async () => {
  const here = join(world.directory, "site/releases/v1");
  const { stdout } = await world.expectExit(0, ["start", "dist/main.js", "--name", "site", ...quick], {
    cwd: here,
    env: { PORT: String(world.port), PWD: here },
  });
  expect(stdout).toContain("is followed through");
  release("v2");
  world.link("site/current", "releases/v2");
  await world.expectExit(0, ["reload", "site"]);
  expect(await world.ask1()).toMatchObject({ version: "v2" });
});
