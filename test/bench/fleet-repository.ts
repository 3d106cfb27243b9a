import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveGit } from "../e2e/fleet/bed/git.ts";
import type { Machine } from "../e2e/fleet/bed/machine.ts";

/** A repository of some hundred files. */
export interface Repository {
  readonly url: string;
  /** One more commit with one changed file. */
  change(): Promise<void>;
}

const files = 200;

export async function serveRepository(machine: Machine): Promise<Repository> {
  const source = await serveGit(machine, (work) => {
    mkdirSync(join(work, "lib"));
    for (let i = 0; i < files; i += 1)
      writeFileSync(join(work, `lib/part${i}.js`), `// part ${i}\n${"exports.a = 1;\n".repeat(900)}`);
    writeFileSync(join(work, "server.cjs"), server);
  });
  let changes = 0;
  const change = (): Promise<void> =>
    source.commit({ "version.json": JSON.stringify({ version: `v${++changes}` }) });
  await change();
  return { url: source.url, change };
}

const server = `const { version } = require("./version.json");
require("node:http")
  .createServer((request, response) => response.end(JSON.stringify({ version })))
  .listen(Number(process.env.PORT ?? 3000));
`;
