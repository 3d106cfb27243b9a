/** The whole text of one journal as its writer knows it, in pieces that end with their line. */
export interface OpenText {
  /** In bytes. */
  readonly length: number;
  add(line: string): void;
  /** From a byte on that begins a line. */
  from(at: number): string;
  /** How many bytes of `other` are the same, up to the end of a line. */
  common(other: Buffer): number;
}

export function openText(start: Buffer): OpenText {
  const pieces = [{ at: 0, bytes: start }];
  let length = start.length;
  const whole = (): Buffer => Buffer.concat(pieces.map((piece) => piece.bytes));
  return {
    get length() {
      return length;
    },
    add(line) {
      const bytes = Buffer.from(line);
      pieces.push({ at: length, bytes });
      length += bytes.length;
    },
    from(at) {
      // Mostly it is the last line that is wanted.
      const first = pieces.findLastIndex((piece) => piece.at <= at);
      const wanted = pieces.slice(Math.max(0, first));
      return Buffer.concat(
        wanted.map((piece) => piece.bytes.subarray(Math.max(0, at - piece.at))),
      ).toString();
    },
    common(other) {
      const mine = whole();
      const most = Math.min(mine.length, other.length);
      let same = 0;
      while (same < most && mine[same] === other[same]) same += 1;
      return same === 0 ? 0 : mine.lastIndexOf(10, same - 1) + 1;
    },
  };
}
