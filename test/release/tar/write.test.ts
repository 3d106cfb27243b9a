import { lstatSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { extractTar } from "../../../src/release/tar/extract.ts";
import { type TarMember, writeTar } from "../../../src/release/tar/write.ts";
import { scratch } from "../scratch.ts";

const long = `${"verzeichnis-mit-ü/".repeat(12)}datei.txt`;
const members: readonly TarMember[] = [
  { name: "run.sh", isExecutable: true, content: { bytes: Buffer.from("#!/bin/sh\n") } },
  { name: "empty", isExecutable: false, content: { bytes: Buffer.alloc(0) } },
  { name: long, isExecutable: false, content: { bytes: Buffer.alloc(1025, "x") } },
  { name: "link", isExecutable: false, content: { linkTo: "run.sh" } },
  { name: "nothing/in/it", isExecutable: false, content: { isDirectory: true } },
  { name: "deep", isExecutable: false, content: { linkTo: long } },
];

async function archive(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of writeTar(members)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

describe("a written tar archive", () => {
  test("unpacks to the same files, modes and links", async () => {
    const target = join(scratch(), "out");
    mkdirSync(target);
    await extractTar(once(await archive()), target);
    expect(readFileSync(join(target, long), "utf8")).toBe("x".repeat(1025));
    expect(readFileSync(join(target, "empty"), "utf8")).toBe("");
    expect(lstatSync(join(target, "run.sh")).mode & 0o111).not.toBe(0);
    expect(lstatSync(join(target, long)).mode & 0o111).toBe(0);
    expect(readlinkSync(join(target, "link"))).toBe("run.sh");
    expect(readlinkSync(join(target, "deep"))).toBe(long);
    expect(lstatSync(join(target, "nothing/in/it")).mode & 0o777).toBe(0o755);
  });

  test("has the same bytes whenever it is made", async () => {
    expect((await archive()).equals(await archive())).toBe(true);
  });
});
