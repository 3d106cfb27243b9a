export interface Member {
  readonly name: string;
  readonly type?: string;
  readonly content?: string;
  /** Declared size, when it lies. */
  readonly size?: number;
  readonly link?: string;
  readonly mode?: number;
  readonly prefix?: string;
}

/** A tar archive as bytes, hostile ones included. */
export function tar(...members: readonly Member[]): Buffer {
  return Buffer.concat([...members.map(member), Buffer.alloc(1024)]);
}

export function pax(records: Readonly<Record<string, string>>): Member {
  const lines = Object.entries(records).map(([key, value]) => {
    const body = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(body);
    while (String(length).length + Buffer.byteLength(body) !== length) {
      length = String(length).length + Buffer.byteLength(body);
    }
    return `${String(length)}${body}`;
  });
  return { name: "PaxHeader", type: "x", content: lines.join("") };
}

/** In the pieces a network would hand over. */
export async function* inPieces(archive: Buffer, size: number = 700): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
}

function member({
  name,
  type = "0",
  content = "",
  size,
  link = "",
  mode = 0o644,
  prefix = "",
}: Member): Buffer {
  const header = Buffer.alloc(512);
  const body = Buffer.from(content);
  header.write(name, 0, 100);
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  header.write(`${(size ?? body.length).toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write("ustar\x0000", 257);
  header.write(prefix, 345, 155);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
