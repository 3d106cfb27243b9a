import { createHash, createHmac, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import type { Place } from "./place.ts";

/** SHA-256 of a file, hex. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

export function digestText(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}

/** Keyed, so that an env's digest may be shown without its values becoming guessable; null: no key here yet. */
export async function digestEnv(place: Place, content: string): Promise<string | null> {
  const key = await readFile(place.key).catch(() => null);
  if (key === null) return null;
  return createHmac("sha256", key).update(content).digest("hex").slice(0, 16);
}

/** link(2) makes two first deploys agree on one key, and no reader sees half of it. */
export async function ensureKey(path: string): Promise<void> {
  if ((await readFile(path).catch(() => null)) !== null) return;
  const part = `${path}.${randomBytes(6).toString("hex")}.part`;
  await writeFile(part, randomBytes(32), { mode: 0o600, flag: "wx" });
  await link(part, path).catch(() => null);
  await rm(part, { force: true });
}
