import type { Readable } from "node:stream";

/** What the host's script says, line by line, between whatever else its login shell prints. */
interface Markers {
  /** The words behind the next marker; null when the stream has ended, or brought too much else. */
  next(): Promise<readonly string[] | null>;
  /** What was printed before the first marker, its end. */
  noise(): string;
}

/** More text than this before our first word is not a greeting. */
const mostNoise = 256 * 1024;
const keptNoise = 2000;

/** Takes from the stream only up to the end of a marker's line: what follows may be meant for somebody else. */
export function readMarkers(stream: Readable, marker: string): Markers {
  const sign = Buffer.from(`\n${marker} `);
  let noise = Buffer.alloc(0);
  return {
    noise: () => noise.toString("utf8").trim(),
    async next() {
      let seen = Buffer.alloc(0);
      for (;;) {
        const chunk = await read(stream);
        if (chunk === null) {
          noise = seen.subarray(-keptNoise);
          return null;
        }
        seen = Buffer.concat([seen, chunk]);
        const at = seen.indexOf(sign);
        const end = at === -1 ? -1 : seen.indexOf(10, at + sign.length);
        if (end !== -1) {
          if (end + 1 < seen.length) stream.unshift(seen.subarray(end + 1));
          return seen
            .toString("utf8", at + sign.length, end)
            .trim()
            .split(" ");
        }
        if (seen.length > mostNoise) {
          noise = seen.subarray(-keptNoise);
          return null;
        }
      }
    },
  };
}

/** What is there, or the next that comes; null at the end. */
function read(stream: Readable): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const done = (value: Buffer | null): void => {
      stream.off("readable", look).off("end", ended).off("close", ended).off("error", ended);
      resolve(value);
    };
    const ended = (): void => done(null);
    const look = (): void => {
      const chunk: Buffer | null = stream.read();
      if (chunk !== null) done(chunk);
      else if (stream.readableEnded || stream.destroyed) done(null);
    };
    stream.on("readable", look).once("end", ended).once("close", ended).once("error", ended);
    look();
  });
}
