import { expect, test } from "vitest";
import { encodeFrame, FrameReader, opcodes } from "../../src/proof/frames.ts";

/** What a server would have sent: the same frame without its mask. */
function unmasked(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), payload]);
}

test("frames that arrive byte by byte are read whole", () => {
  const reader = new FrameReader();
  const bytes = Buffer.concat([unmasked(opcodes.text, "a".repeat(300)), unmasked(opcodes.close, "")]);
  const frames = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
  expect(frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
    [opcodes.text, 300],
    [opcodes.close, 0],
  ]);
});

test("a client's frame is masked and carries its length", () => {
  const frame = encodeFrame(opcodes.text, Buffer.from("hello"));
  expect([frame[0], frame[1]]).toEqual([0x81, 0x85]);
  const mask = frame.subarray(2, 6);
  expect(frame.subarray(6).map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toEqual(Buffer.from("hello"));
});
