import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repository, run, type Ran } from "./run-cutover.ts";

let directory: string;
let clone: string;
let bin: string;

/** Stands in for npm: the dependencies are those of this checkout, and the call is recorded. */
const npm = `#!/bin/sh
echo "$*" >> "$CALLS"
ln -s "$DEPENDENCIES" node_modules
`;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cutover-launcher-"));
  clone = join(directory, "clone");
  bin = join(directory, "bin");
  mkdirSync(bin);
  for (const file of ["cutover", "package.json", "package-lock.json", "tsconfig.base.json", "src"]) {
    cpSync(join(repository, file), join(clone, file), { recursive: true });
  }
  const tools = ["sh", "env", "node", "find", "readlink", "tail", "touch", "flock", "ln"];
  for (const tool of tools) {
    symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), join(bin, tool));
  }
  script("npm", npm);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function script(name: string, text: string): void {
  rmSync(join(bin, name), { force: true });
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
}

function launch(args: readonly string[] = ["version"], file: string = join(clone, "cutover")): Promise<Ran> {
  const env = {
    PATH: bin,
    HOME: directory,
    DEPENDENCIES: join(repository, "node_modules"),
    CALLS: join(bin, "npm-calls"),
  };
  return run(file, args, { cwd: directory, env });
}

function npmCalls(): readonly string[] {
  const file = join(bin, "npm-calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

test("a fresh clone is installed and compiled once, and says so", async () => {
  const first = await launch();
  expect(first).toMatchObject({ exit: 0, out: `${version}\n` });
  expect(first.err).toBe("cutover: installing dependencies (once)...\ncutover: compiling...\n");
  expect(npmCalls()).toEqual(["ci --include=dev --no-audit --no-fund --loglevel=error"]);
  expect(await launch()).toEqual({ exit: 0, out: `${version}\n`, err: "" });
  expect(npmCalls()).toHaveLength(1);
});

test("two at once on a fresh clone do the work once", async () => {
  const both = await Promise.all([launch(), launch()]);
  expect(both.map(({ exit, out }) => ({ exit, out }))).toEqual(
    [0, 0].map((exit) => ({ exit, out: `${version}\n` })),
  );
  expect(npmCalls()).toHaveLength(1);
});

test("a changed source is compiled again, and one that does not compile is shown", async () => {
  await launch();
  const file = join(clone, "src/cli/commands/version.ts");
  const source = readFileSync(file, "utf8");
  writeFileSync(file, source.replace("io.print(version)", 'io.print("changed")'));
  expect(await launch()).toEqual({ exit: 0, out: "changed\n", err: "cutover: compiling...\n" });
  writeFileSync(file, `${source}\nconst broken: number = "text";\n`);
  const broken = await launch();
  expect(broken.exit).toBe(2);
  expect(broken.err).toContain("version.ts");
  expect(broken.err).toContain("COMPILE_FAILED");
});

test("it works through a link, from another directory, with its arguments kept whole", async () => {
  const link = join(directory, "links", "cutover");
  mkdirSync(dirname(link));
  symlinkSync("../clone/cutover", link);
  const { exit, err } = await launch(["two words", "*"], link);
  expect(exit).toBe(2);
  expect(err).toContain('There is no command "two words".');
});

test("an old Node is refused before anything is installed", async () => {
  script("node", "#!/bin/sh\ncase $1 in -v) echo v18.20.1 ;; *) exit 1 ;; esac\n");
  const { exit, err } = await launch();
  expect(exit).toBe(2);
  expect(err).toBe(
    "NODE_TOO_OLD  cutover needs Node.js 20.19 or newer; this is v18.20.1.\n" +
      "  Fix:  Install Node.js 20.19 or newer.\n  Now:  Nothing was changed.\n",
  );
  expect(npmCalls()).toEqual([]);
});

test("without npm the way to it is told", async () => {
  rmSync(join(bin, "npm"));
  const { exit, err } = await launch();
  expect(exit).toBe(2);
  expect(err).toContain("NPM_MISSING");
});

test("what npm says is shown when it fails", async () => {
  script("npm", "#!/bin/sh\necho 'npm error the registry is away'\nexit 1\n");
  const { exit, err } = await launch();
  expect(exit).toBe(2);
  expect(err).toContain("npm error the registry is away");
  expect(err).toContain("INSTALL_FAILED");
});
