import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../e2e/bare.ts";
import type { Machine } from "../e2e/fleet/bed/machine.ts";
import { runProgram } from "../e2e/host.ts";

/** A repository of some hundred files on a machine of the bed, served by git's own daemon. */
export interface Repository {
  readonly url: string;
  /** One more commit with one changed file. */
  change(): Promise<void>;
}

const files = 200;

export async function serveRepository(machine: Machine): Promise<Repository> {
  const bare = join(machine.directory, "srv/shop.git");
  const work = join(machine.directory, "srv/shop");
  mkdirSync(join(work, "lib"), { recursive: true });
  const git = async (...words: string[]): Promise<void> => {
    const identity = ["-c", "user.name=bed", "-c", "user.email=bed@example.com"];
    const ran = await runProgram("git", [...identity, "-c", "safe.directory=*", ...words], {
      cwd: work,
      env: process.env,
    });
    if (ran.exit !== 0) throw new Error(`git ${words.join(" ")}: ${ran.stderr}`);
  };
  await git("init", "-q", "-b", "main");
  for (let i = 0; i < files; i += 1)
    writeFileSync(join(work, `lib/part${i}.js`), `// part ${i}\n${"exports.a = 1;\n".repeat(900)}`);
  writeFileSync(join(work, "server.cjs"), server);
  let changes = 0;
  const commit = async (): Promise<void> => {
    writeFileSync(join(work, "version.json"), JSON.stringify({ version: `v${++changes}` }));
    await git("add", "-A");
    await git("commit", "-q", "-m", `change ${changes}`);
  };
  await commit();
  await git("clone", "-q", "--bare", work, bare);
  await git("remote", "add", "origin", bare);
  const daemon = [
    "git",
    "-c",
    "safe.directory=*",
    "daemon",
    "--export-all",
    "--base-path=/srv",
    "--reuseaddr",
  ];
  const [command, ...words] = machine.inside(daemon);
  // Ends with the machine.
  spawn(command, words, { stdio: "ignore", cwd: "/" }).unref();
  await until("git is served", async () => {
    const ran = await machine.run(["git", "ls-remote", `git://${machine.address}/shop.git`, "main"]);
    return ran.exit === 0;
  });
  return {
    url: `git://${machine.address}/shop.git`,
    async change() {
      await commit();
      await git("push", "-q", "origin", "main");
    },
  };
}

const server = `const { version } = require("./version.json");
require("node:http")
  .createServer((request, response) => response.end(JSON.stringify({ version })))
  .listen(Number(process.env.PORT ?? 3000));
`;
