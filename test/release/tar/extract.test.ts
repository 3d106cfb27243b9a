import { mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type TarLimits, extractTar } from "../../../src/release/tar/extract.ts";
import { problemOf, scratch } from "../scratch.ts";
import { type Member, inPieces, pax, tar } from "../tar-member.ts";

function target(): string {
  const directory = join(scratch(), "outer", "tree");
  mkdirSync(directory, { recursive: true });
  return directory;
}

function extract(directory: string, members: readonly Member[], limits?: TarLimits): Promise<void> {
  return extractTar(inPieces(tar(...members)), directory, limits);
}

describe("an ordinary archive", () => {
  test("files, directories, modes, links and long names arrive as they were packed", async () => {
    const directory = target();
    const long = `${"d/".repeat(60)}leaf.txt`;
    await extract(directory, [
      { name: "./", type: "5" },
      { name: "./bin/run", content: "#!/bin/sh\n", mode: 0o755 },
      { name: "app.js", content: "x".repeat(5000), mode: 0o600 },
      { name: "latest", type: "2", link: "bin/run" },
      { name: "bin/up", type: "2", link: "../app.js" },
      pax({ path: long }),
      { name: "cut", content: "deep" },
      { name: "file.txt", prefix: "from/prefix", content: "p" },
      { name: "LongLink", type: "L", content: "gnu/long/name\0" },
      { name: "cut", content: "gnu" },
      {
        name: "pax_global_header",
        type: "g",
        content: "52 comment=0000000000000000000000000000000000000000\n",
      },
      { name: "empty", type: "5" },
    ]);
    expect(readFileSync(join(directory, "app.js"), "utf8")).toHaveLength(5000);
    expect(statSync(join(directory, "bin/run")).mode & 0o777).toBe(0o755);
    expect(statSync(join(directory, "app.js")).mode & 0o777).toBe(0o600);
    expect(readlinkSync(join(directory, "latest"))).toBe("bin/run");
    expect(readFileSync(join(directory, "bin/up"), "utf8")).toHaveLength(5000);
    expect(readFileSync(join(directory, long), "utf8")).toBe("deep");
    expect(readFileSync(join(directory, "from/prefix/file.txt"), "utf8")).toBe("p");
    expect(readFileSync(join(directory, "gnu/long/name"), "utf8")).toBe("gnu");
    expect(statSync(join(directory, "empty")).isDirectory()).toBe(true);
  });

  test("a later member of the same name wins, be it a link or a file", async () => {
    const directory = target();
    await extract(directory, [
      { name: "a", content: "first" },
      { name: "a", content: "second" },
      { name: "b", type: "2", link: "a" },
      { name: "b", content: "file" },
      { name: "c", content: "file" },
      { name: "c", type: "2", link: "a" },
    ]);
    expect(readFileSync(join(directory, "a"), "utf8")).toBe("second");
    expect(readFileSync(join(directory, "b"), "utf8")).toBe("file");
    expect(readlinkSync(join(directory, "c"))).toBe("a");
  });

  test("setuid bits and write permission for others are taken away", async () => {
    const directory = target();
    await extract(directory, [{ name: "tool", content: "", mode: 0o6777 }]);
    expect(statSync(join(directory, "tool")).mode & 0o7777).toBe(0o755);
  });
});

describe("a hostile archive is refused and writes nothing outside the tree", () => {
  const hostile: Readonly<Record<string, readonly Member[]>> = {
    "a path with ..": [{ name: "../outside", content: "x" }],
    "a path with .. in the middle": [{ name: "a/../../outside", content: "x" }],
    "an absolute path": [{ name: "/tmp/cutover-outside", content: "x" }],
    "an absolute path in an extended header": [
      pax({ path: "/tmp/cutover-outside" }),
      { name: "a", content: "x" },
    ],
    "a link to an absolute path": [{ name: "a", type: "2", link: "/etc/passwd" }],
    "a link out of the tree": [{ name: "a", type: "2", link: "../outside" }],
    "a link that leaves through another link": [
      { name: "p/q/r/l", type: "2", link: "../../.." },
      { name: "e", type: "2", link: "p/q/r/l/../outside" },
    ],
    "links in a circle": [
      { name: "a", type: "2", link: "b" },
      { name: "b", type: "2", link: "a" },
    ],
    "a link target in an extended header": [
      pax({ linkpath: "../../x" }),
      { name: "a", type: "2", link: "b" },
    ],
    "a hard link": [
      { name: "a", content: "x" },
      { name: "b", type: "1", link: "a" },
    ],
    "a character device": [{ name: "null", type: "3" }],
    "a block device": [{ name: "disk", type: "4" }],
    "a fifo": [{ name: "pipe", type: "6" }],
    "an unknown type": [{ name: "odd", type: "V" }],
    "a name with a backslash": [{ name: "..\\outside", content: "x" }],
    "an absurdly long name": [pax({ path: "n".repeat(300) }), { name: "a", content: "x" }],
  };

  test.each(Object.entries(hostile))("%s", async (_name, members) => {
    const directory = target();
    const problem = await problemOf(extract(directory, members));
    expect(problem.code).toBe("ARTIFACT_REFUSED");
    expect(readdirSync(join(directory, "..")), "beside the tree").toEqual(["tree"]);
    expect(readdirSync(join(directory, "../.."))).toEqual(["outer"]);
  });

  test("a file is not written through a link that came before it", async () => {
    const directory = target();
    writeFileSync(join(directory, "../victim"), "untouched");
    const problem = await problemOf(
      extract(directory, [
        { name: "door", type: "2", link: ".." },
        { name: "door/victim", content: "overwritten" },
      ]),
    );
    expect(problem.code).toBe("ARTIFACT_REFUSED");
    expect(readFileSync(join(directory, "../victim"), "utf8")).toBe("untouched");
  });
});

describe("absurd sizes", () => {
  const small: TarLimits = { bytes: 1000, entries: 3 };

  test("more bytes than the limit are refused before they are written", async () => {
    const directory = target();
    const problem = await problemOf(extract(directory, [{ name: "bomb", size: 2000 }], small));
    expect(problem.what).toContain("more than 1000 bytes");
    expect(readdirSync(directory)).toEqual([]);
  });

  test("more members than the limit are refused", async () => {
    const many = ["a", "b", "c", "d"].map((name) => ({ name, type: "5" }));
    expect((await problemOf(extract(target(), many, small))).what).toContain("more than 3 members");
  });

  test("more than the disk holds is refused", async () => {
    const limits: TarLimits = { bytes: Number.MAX_SAFE_INTEGER, entries: 10 };
    const members = Array.from({ length: 5 }, (_, index) => ({
      name: `f${String(index)}`,
      size: 8_000_000_000,
    }));
    const archive = Buffer.concat(members.map((member) => tar(member).subarray(0, 512)));
    const lying = Buffer.from(archive.subarray(0, 512));
    // Base 256: about 4 exabytes.
    lying.fill(0, 124, 136);
    lying[124] = 0x80;
    lying[129] = 0x10;
    lying.write("        ", 148);
    const sum = lying.reduce((total, byte) => total + byte, 0);
    lying.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const problem = await problemOf(extractTar(inPieces(lying), target(), limits));
    expect(problem.what).toContain("free here");
  });
});

describe("a damaged archive", () => {
  const whole = tar({ name: "a", content: "x".repeat(2000) });
  const damage: Readonly<Record<string, Buffer>> = {
    "cut in a file": whole.subarray(0, 1000),
    "cut before its end": whole.subarray(0, 512 + 2048),
    "of zero bytes": Buffer.alloc(0),
    "with a flipped bit in a header": Buffer.concat([Buffer.from("b"), whole.subarray(1)]),
  };

  test.each(Object.entries(damage))("%s is called damaged", async (_name, archive) => {
    expect((await problemOf(extractTar(inPieces(archive), target()))).code).toBe("ARTIFACT_DAMAGED");
  });
});
