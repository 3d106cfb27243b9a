import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cutover, type Ran } from "./run-cutover.ts";

const secret = "geheimnis-4711";

const program = `
console.log("started with " + process.env.SECRET);
if (process.env.FAIL) { console.error("dying with " + process.env.SECRET); process.exit(1); }
require("node:http").createServer((_q, r) => r.end("ok")).listen(process.env.PORT);
`;

let directory: string;
let app: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-secrets-"));
  app = join(directory, "app");
  await mkdir(app);
  const port = await freePort();
  const config = [
    "app: shop",
    `path: ${join(directory, "srv")}`,
    "env: { template: .env.template }",
    "build: { run: [cat .env] }",
    "rollout: { bake: 200ms }",
    "services:",
    `  web: { run: node server.js, port: ${port}, health: { path: /, min-uptime: 100ms }, boot: 5s }`,
  ];
  await writeFile(join(app, "cutover.yml"), config.join("\n"));
  await writeFile(join(app, ".env.template"), "SECRET=$OPERATOR_SECRET\nFAIL=${OPERATOR_FAIL:-}\n");
  await writeFile(join(app, "server.js"), program);
});

afterEach(async () => {
  await run(["kill", "--yes"]);
  await rm(directory, { recursive: true, force: true });
});

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const own = { CUTOVER_HOME: join(directory, "home"), OPERATOR_SECRET: secret };
  return cutover(args, { cwd: app, env: { ...process.env, ...own, ...env } });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Everything that ran while the work did. */
async function commandLinesDuring(work: Promise<unknown>): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const progress = { isDone: false };
  const finished = work.finally(() => (progress.isDone = true));
  while (!progress.isDone) {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
    );
    lines.forEach((line) => seen.add(line));
  }
  await finished;
  return seen;
}

test("a secret is in no output, argument, journal or report; files that must hold it are private", async () => {
  const outputs: Ran[] = [];
  const deploys = async (): Promise<void> => {
    outputs.push(await run(["deploy"]));
    outputs.push(await run(["deploy", "--force"], { OPERATOR_FAIL: "1" }));
    outputs.push(await run(["deploy", "--force", "--json"], { OPERATOR_FAIL: "1" }));
  };
  const seen = await commandLinesDuring(deploys());
  outputs.push(await run(["history", "--json"]), await run(["status", "--json"]), await run(["config"]));
  expect(outputs.map(({ exit }) => exit)).toEqual([0, 4, 4, 0, 0, 0]);
  expect(outputs[0]?.out).toContain("SECRET=***");
  expect(outputs[1]?.err).toContain("dying with ***");
  expect(outputs.filter(({ out, err }) => (out + err).includes(secret))).toEqual([]);
  expect([...seen].filter((line) => line.includes(secret))).toEqual([]);

  const holders = await filesWith(secret);
  const isExpected = /\/\.env$|\/\.cutover\/specs\/|\/home\/(run\/)?state[.\w]*json$|\/home\/logs\//;
  expect(holders.filter((file) => !isExpected.test(file))).toEqual([]);
  for (const file of holders.filter((name) => !name.includes("/logs/"))) {
    expect([file, ((await stat(file)).mode & 0o777).toString(8)]).toEqual([file, "600"]);
  }
});

async function filesWith(text: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  return files.filter((_file, index) => contents[index]?.includes(text));
}
