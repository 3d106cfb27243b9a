import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../../problem.ts";

/** The example application in a directory of its own, beside a CUTOVER_HOME and a server path that nobody else uses. */
export interface Shop {
  readonly root: string;
  readonly source: string;
  readonly home: string;
  readonly port: number;
  readonly url: string;
}

const example = fileURLToPath(new URL("../../../examples/nest", import.meta.url));

export async function copyShop(): Promise<Shop> {
  const root = await mkdtemp(join(tmpdir(), "cutover-demo-"));
  const source = join(root, "shop");
  const isOurs = (path: string): boolean => !/\/(node_modules|dist)(\/|$)/.test(path.slice(example.length));
  await cp(example, source, { recursive: true, filter: isOurs });
  const port = await freePort();
  await edit(join(source, "cutover.yml"), [
    // The demo sends requests of its own all the time, and prints what became of them.
    ["app: shop\n", `app: shop\npath: ${join(root, "server")}\nproof: false\n`],
    ["port: 3000", `port: ${port}`],
  ]);
  return { root, source, home: join(root, "home"), port, url: `http://127.0.0.1:${port}/` };
}

/** What a developer would commit next. */
export async function writeVersion(shop: Shop, version: number): Promise<void> {
  await writeFile(join(shop.source, "src/version.ts"), `export const version = "${version}";\n`);
}

/** A release whose health check fails, as with a database it cannot reach. */
export async function breakHealth(shop: Shop): Promise<void> {
  await edit(join(shop.source, "src/health.controller.ts"), [
    ["return { ok: true, version };", "throw new Error(`version ${version} cannot reach its database`);"],
  ]);
}

export async function removeShop(shop: Shop): Promise<void> {
  await rm(shop.root, { recursive: true, force: true });
}

async function edit(file: string, changes: readonly (readonly [string, string])[]): Promise<void> {
  let text = await readFile(file, "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) {
      throw new Problem({
        code: "DEMO_EXAMPLE_CHANGED",
        what: `The example no longer contains "${from.trim()}" in ${file}.`,
        fix: "Restore examples/nest as it is in the repository.",
        state: "Nothing was started.",
      });
    }
    text = text.replace(from, to);
  }
  await writeFile(file, text);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
