import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../bare.ts";
import { runProgram } from "../../host.ts";
import type { Machine } from "./machine.ts";

/** A repository on a machine of the bed, served by git's own daemon. */
export interface GitSource {
  readonly url: string;
  /** One more commit on main with these files. */
  commit(files: Readonly<Record<string, string>>): Promise<void>;
}

/** `fill` puts the first files into the work tree; they are in the first commit that is asked for. */
export async function serveGit(machine: Machine, fill: (work: string) => void): Promise<GitSource> {
  const bare = join(machine.directory, "srv/shop.git");
  const work = join(machine.directory, "srv/shop");
  mkdirSync(work);
  const git = async (...words: string[]): Promise<void> => {
    const settings = [
      "user.name=bed",
      "user.email=bed@example.com",
      "safe.directory=*",
      "init.defaultBranch=main",
    ];
    const argv = [...settings.flatMap((setting) => ["-c", setting]), ...words];
    const ran = await runProgram("git", argv, { cwd: work, env: process.env });
    if (ran.exit !== 0) throw new Error(`git ${words.join(" ")}: ${ran.stderr}`);
  };
  await git("init", "-q");
  await git("init", "-q", "--bare", bare);
  await git("remote", "add", "origin", bare);
  fill(work);
  const daemon = [
    "git",
    "-c",
    "safe.directory=*",
    "daemon",
    "--export-all",
    "--base-path=/srv",
    "--reuseaddr",
  ];
  const [program, ...words] = machine.inside(daemon);
  // Ends with the machine.
  spawn(program, words, { stdio: "ignore", cwd: "/" }).unref();
  const url = `git://${machine.address}/shop.git`;
  await until("git is served", async () => (await machine.run(["git", "ls-remote", url])).exit === 0);
  return {
    url,
    async commit(files) {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
      await git("add", "-A");
      await git("commit", "-q", "--allow-empty", "-m", "change");
      await git("push", "-q", "origin", "main");
    },
  };
}
