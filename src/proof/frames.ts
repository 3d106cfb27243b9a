import { randomBytes } from "node:crypto";

/** The part of RFC 6455 that an echo needs. */
export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A masked frame, as a client sends it; payloads under 64 KiB. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const isShort = payload.length < 126;
  const head = Buffer.alloc(isShort ? 2 : 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (isShort ? payload.length : 126);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

/** Unmasked frames, as a server sends them. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  push(piece: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, piece]);
    const frames: Frame[] = [];
    for (let frame = this.next(); frame !== null; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Frame | null {
    if (this.rest.length < 2) return null;
    const short = (this.rest[1] ?? 0) & 0x7f;
    const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (this.rest.length < headBytes) return null;
    const length =
      short === 126
        ? this.rest.readUInt16BE(2)
        : short === 127
          ? Number(this.rest.readBigUInt64BE(2))
          : short;
    if (this.rest.length < headBytes + length) return null;
    const frame = {
      opcode: (this.rest[0] ?? 0) & 0x0f,
      payload: this.rest.subarray(headBytes, headBytes + length),
    };
    this.rest = this.rest.subarray(headBytes + length);
    return frame;
  }
}
