import { fstatSync } from "node:fs";
import net from "node:net";
import type { Readable, Writable } from "node:stream";

/** Standard input and output for messages. A pipe that nobody empties must never stop this program, as process.stdout would. */
export function standardStreams(): { readonly input: Readable; readonly output: Writable } {
  const found = fstatSync(1);
  const isPipe = found.isFIFO() || found.isSocket();
  const output = isPipe ? new net.Socket({ fd: 1, readable: false, writable: true }) : process.stdout;
  return { input: process.stdin, output };
}
