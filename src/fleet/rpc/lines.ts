import { StringDecoder } from "node:string_decoder";

/** Far above any journal or settings; whoever sends more without a line's end is not our other end. */
export const longestLine: number = 64 * 1024 * 1024;

export interface LineReader {
  /** False when the line under way has become too long. */
  write(chunk: Buffer): boolean;
  /** No line is under way. */
  isBetween(): boolean;
}

/** Cuts bytes into lines; empty ones are left out. */
export function readLines(onLine: (line: string) => void, longest: number = longestLine): LineReader {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  return {
    write(chunk) {
      const pieces = decoder.write(chunk).split("\n");
      const rest = pieces.pop() ?? "";
      for (const piece of pieces) {
        const line = parts.length === 0 ? piece : [...parts, piece].join("");
        parts = [];
        length = 0;
        if (line !== "") onLine(line);
      }
      if (rest !== "") parts.push(rest);
      length += rest.length;
      return length <= longest;
    },
    isBetween: () => length === 0,
  };
}
