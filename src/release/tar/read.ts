import { type TarEntry, type TarHeader, blockSize, damaged, kindOf, parseHeader } from "./header.ts";

export interface TarVisitor {
  /** Called for each member; returns where its bytes go, or null when there are none. */
  begin(entry: TarEntry): Promise<TarSink | null>;
}

export interface TarSink {
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

const longestExtension = 1024 * 1024;

/** Reads a tar stream (ustar, pax, GNU long names) member by member. Problem: ARTIFACT_DAMAGED. */
export async function readTar(stream: AsyncIterable<Buffer>, visitor: TarVisitor): Promise<void> {
  const bytes = openBytes(stream);
  try {
    await readMembers(bytes, visitor);
  } finally {
    await bytes.close();
  }
}

async function readMembers(bytes: Bytes, visitor: TarVisitor): Promise<void> {
  let extension: Partial<TarHeader> = {};
  for (;;) {
    const block = await bytes.take(blockSize);
    if (block === null) throw damaged("it ends in the middle");
    const header = parseHeader(block);
    if (header === null) return bytes.drain();
    if ("xgLK".includes(header.type)) {
      extension = { ...extension, ...(await readExtension(header, bytes)) };
      continue;
    }
    const entry: TarEntry = { ...header, ...extension, kind: kindOf(header.type) };
    extension = {};
    await copyBody(entry, bytes, await visitor.begin(entry));
  }
}

async function copyBody(entry: TarEntry, bytes: Bytes, sink: TarSink | null): Promise<void> {
  let left = entry.kind === "file" || entry.kind === "unknown" ? entry.size : 0;
  const padding = (blockSize - (left % blockSize)) % blockSize;
  try {
    while (left > 0) {
      const chunk = await bytes.some(left);
      if (chunk === null) throw damaged("it ends in the middle of a file");
      left -= chunk.length;
      await sink?.write(chunk);
    }
  } finally {
    await sink?.end();
  }
  if (padding > 0 && (await bytes.take(padding)) === null) throw damaged("it ends in the middle");
}

/** Global pax headers (g) carry comments such as a commit id; nothing in them may move a file. */
async function readExtension(header: TarHeader, bytes: Bytes): Promise<Partial<TarHeader>> {
  if (header.size > longestExtension) throw damaged("an extended header is absurdly long");
  const padded = Math.ceil(header.size / blockSize) * blockSize;
  const body = (await bytes.take(padded))?.subarray(0, header.size);
  if (body === undefined) throw damaged("it ends in the middle");
  if (header.type === "g") return {};
  if (header.type === "x") return parsePax(body);
  const text = body.toString("utf8").replace(/\0.*$/s, "");
  return header.type === "L" ? { name: text } : { linkName: text };
}

/** Records of the form "<length> <key>=<value>\n". */
function parsePax(body: Buffer): Partial<TarHeader> {
  const found: { name?: string; linkName?: string; size?: number } = {};
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(32, at);
    const length = Number(body.toString("latin1", at, space));
    if (space < 0 || !Number.isInteger(length) || length <= 0)
      throw damaged("an extended header is malformed");
    const record = body.toString("utf8", space + 1, at + length - 1);
    const [key, value] = [record.slice(0, record.indexOf("=")), record.slice(record.indexOf("=") + 1)];
    if (key === "path") found.name = value;
    if (key === "linkpath") found.linkName = value;
    if (key === "size") found.size = Number(value);
    at += length;
  }
  if (found.size !== undefined && !Number.isSafeInteger(found.size)) throw damaged("a size is absurd");
  return found;
}

interface Bytes {
  /** Exactly `length` bytes, or null at the end. */
  take(length: number): Promise<Buffer | null>;
  /** Between 1 and `most` bytes, or null at the end. */
  some(most: number): Promise<Buffer | null>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

function openBytes(stream: AsyncIterable<Buffer>): Bytes {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  };
  const cut = (length: number): Buffer => {
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    return taken;
  };
  return {
    async take(length): Promise<Buffer | null> {
      while (rest.length < length) if (!(await fill())) return null;
      return cut(length);
    },
    async some(most): Promise<Buffer | null> {
      while (rest.length === 0) if (!(await fill())) return null;
      return cut(Math.min(most, rest.length));
    },
    /** To the end, so that a damaged checksum of the compression is noticed. */
    async drain(): Promise<void> {
      do rest = Buffer.alloc(0);
      while (await fill());
    },
    async close(): Promise<void> {
      await chunks.return?.();
    },
  };
}
