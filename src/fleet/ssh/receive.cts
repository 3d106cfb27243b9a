/*
 * Runs on a host that has Node and nothing of cutover yet, as `node -e`: reads a package of known length from standard input,
 * and puts it in place whole or not at all. Arguments: versions directory, id, length, SHA-256, marker.
 */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

const [, versions = "", id = "", length = "", digest = "", marker = ""] = process.argv;
const target = join(versions, id);
const part = join(versions, `.part-${randomBytes(6).toString("hex")}`);

function readExactly(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      const count = readSync(0, bytes, at, bytes.length - at, null);
      if (count === 0) throw new Error("the connection ended in the middle of the package");
      at += count;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Synced: after a power cut a name without its content would stand for the whole version. */
function writeFile(file: string, content: Uint8Array | string): void {
  const open = openSync(file, "wx", 0o600);
  try {
    writeFileSync(open, content);
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}

/** Only what our own packer writes: files with short names. */
function unpack(archive: Buffer): void {
  for (let at = 0; archive[at] !== 0;) {
    const end = archive.indexOf(0, at);
    const name = archive.toString("utf8", at, Math.min(end, at + 100));
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8);
    const file = join(part, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFile(file, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function install(): string {
  try {
    const bytes = Buffer.alloc(Number(length));
    readExactly(bytes);
    if (createHash("sha256").update(bytes).digest("hex") !== digest)
      throw new Error("the package arrived damaged");
    mkdirSync(part, { recursive: true, mode: 0o700 });
    unpack(gunzipSync(bytes));
    writeFile(join(part, ".node"), `${process.execPath}\n`);
    renameSync(part, target);
    return "installed";
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    // Somebody was faster, with the same content.
    if (existsSync(target)) return "installed";
    return `failed ${error instanceof Error ? error.message : String(error)}`;
  }
}

writeSync(1, `\n${marker} ${install()}\n`);
