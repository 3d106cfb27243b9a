import { blockSize } from "./header.ts";

/** One member to write; the same members give the same bytes, on any machine and at any time. */
export interface TarMember {
  /** Relative, with / between its parts. */
  readonly name: string;
  readonly isExecutable: boolean;
  readonly content: { readonly bytes: Buffer } | { readonly linkTo: string } | { readonly isDirectory: true };
}

const end = Buffer.alloc(2 * blockSize);

/** A tar archive (ustar; pax for long names) piece by piece. */
export async function* writeTar(
  members: AsyncIterable<TarMember> | Iterable<TarMember>,
): AsyncGenerator<Buffer> {
  for await (const member of members) {
    const link = "linkTo" in member.content ? member.content.linkTo : "";
    const bytes = "bytes" in member.content ? member.content.bytes : Buffer.alloc(0);
    const extension = paxOf(member.name, link);
    if (extension !== null) {
      yield header({ name: "pax", type: "x", mode: 0o644, size: extension.length, link: "" });
      yield padded(extension);
    }
    const isDirectory = "isDirectory" in member.content;
    const mode = member.isExecutable || isDirectory ? 0o755 : 0o644;
    const type = isDirectory ? "5" : link === "" ? "0" : "2";
    yield header({ name: member.name, type, mode, size: bytes.length, link });
    if (bytes.length > 0) yield padded(bytes);
  }
  yield end;
}

interface Fields {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly link: string;
}

const longest = 100;
/** What the octal field of a header can hold. */
const largest = 0o77777777777;

function header({ name, type, mode, size, link }: Fields): Buffer {
  if (size > largest) throw new RangeError(`${name} is too large for a tar archive`);
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, length, "latin1");
  };
  // A cut name is never read: the extension before it has the whole one.
  Buffer.from(name).copy(block, 0, 0, longest);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  Buffer.from(link).copy(block, 157, 0, longest);
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** Records of the form "<length> <key>=<value>\n", where the length counts itself; null: the header holds all. */
function paxOf(name: string, link: string): Buffer | null {
  const records = [
    ["path", name],
    ["linkpath", link],
  ].filter(([, value = ""]) => Buffer.byteLength(value) > longest);
  if (records.length === 0) return null;
  return Buffer.from(records.map(([key, value]) => paxRecord(` ${key}=${value}\n`)).join(""));
}

function paxRecord(body: string): string {
  const bytes = Buffer.byteLength(body);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length > length) length += 1;
  return `${length}${body}`;
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % blockSize;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(blockSize - rest)]);
}
