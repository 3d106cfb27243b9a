import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { HomePaths } from "../../process/home.ts";
import { packageFiles } from "../../process/package/files.ts";
import { writeDurably } from "../../release/durable.ts";
import { type TarMember, writeTar } from "../../release/tar/write.ts";

const gzip = promisify(zlib.gzip);

export interface Packed {
  readonly bytes: Buffer;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

/** This package as a .tar.gz; the same files give the same bytes. */
export async function packedPackage(home: HomePaths, id: string): Promise<Packed> {
  return await keptPacked(home, `cutover-${id}.tar.gz`, async () => {
    const pieces: Buffer[] = [];
    for await (const piece of writeTar(members())) pieces.push(piece);
    return await gzip(Buffer.concat(pieces), { level: 9 });
  });
}

/** The operator's own Node, for a host that has none. */
export async function packedNode(home: HomePaths): Promise<Packed> {
  const name = `node-${process.version}-${process.platform}-${process.arch}.gz`;
  return await keptPacked(home, name, async () => await gzip(await readFile(process.execPath), { level: 4 }));
}

async function* members(): AsyncGenerator<TarMember> {
  for (const { name, from } of packageFiles())
    yield { name, isExecutable: false, content: { bytes: await readFile(from) } };
}

/** Made once, in $CUTOVER_HOME/packages; what an older version left there goes. */
async function keptPacked(home: HomePaths, name: string, make: () => Promise<Buffer>): Promise<Packed> {
  const directory = join(home.home, "packages");
  const file = join(directory, name);
  const known = await readFile(file).catch(() => null);
  const bytes = known ?? (await make());
  if (known === null) await keep(directory, name, bytes).catch(() => undefined);
  return { bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}

async function keep(directory: string, name: string, bytes: Buffer): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeDurably(join(directory, name), bytes, 0o600);
  const [kind = ""] = name.split("-");
  const former = (await readdir(directory)).filter((other) => other.startsWith(`${kind}-`) && other !== name);
  for (const other of former) await rm(join(directory, other), { force: true });
}
