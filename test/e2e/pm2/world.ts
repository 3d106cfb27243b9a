import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ServiceStatus } from "../../../src/process/protocol.ts";
import { freePort } from "../bare.ts";
import { openHost, type Host, type Ran } from "../host.ts";

/** What an instance of the application in these tests answers. */
interface Answer {
  readonly pid: number;
  readonly version: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly args: readonly string[];
}

/** A host with directories of applications, driven as a person does: through the command line alone. */
export interface World extends Host {
  readonly port: number;
  /** Writes a file below the host's directory and returns its absolute path. */
  write(path: string, text: string): string;
  /** Points a symbolic link elsewhere, in one step. */
  link(path: string, target: string): void;
  /** The command must end with this exit code, else the test fails with what was printed. */
  expectExit(exit: number, words: readonly string[], options?: Parameters<Host["cutover"]>[1]): Promise<Ran>;
  ask1(port?: number): Promise<Answer>;
  listed(): Promise<readonly ServiceStatus[]>;
}

/** An application whose version is in its code. */
export function appText(version: string, more = ""): string {
  return `
const http = require("node:http");
${more}
console.log("version ${version} boots");
const { env, pid, argv } = process;
http.createServer((request, response) => {
  response.end(JSON.stringify({ pid, version: "${version}", cwd: process.cwd(), env, args: argv.slice(2) }));
}).listen(env.PORT);
`;
}

/** Flags that make a start quick enough for a test. */
export const quick: readonly string[] = ["--min-uptime", "100"];

export async function openWorld(): Promise<World> {
  const host = await openHost();
  const port = await freePort();
  const at = (path: string): string => join(host.directory, path);
  return {
    ...host,
    port,
    write(path, text) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
      return at(path);
    },
    link(path, target) {
      rmSync(at(`${path}.next`), { force: true });
      symlinkSync(target, at(`${path}.next`));
      renameSync(at(`${path}.next`), at(path));
    },
    async expectExit(exit, words, options) {
      const ran = await host.cutover(words, options);
      if (ran.exit !== exit) {
        throw new Error(
          `cutover ${words.join(" ")} ended with ${String(ran.exit)}:\n${ran.stdout}${ran.stderr}`,
        );
      }
      return ran;
    },
    async ask1(other = port) {
      const response = await fetch(`http://127.0.0.1:${String(other)}/`, {
        headers: { connection: "close" },
      });
      return JSON.parse(await response.text());
    },
    async listed() {
      const { stdout } = await host.cutover(["list", "--json"]);
      return JSON.parse(stdout).services;
    },
  };
}
