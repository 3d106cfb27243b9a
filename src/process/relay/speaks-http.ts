import { dial } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

/** A cold program may think about its first answer. */
const answerMs = 5000;
const question = "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/**
 * Whether the program answers an HTTP request as HTTP: its relay can then end kept connections without losing a request,
 * which one that passes bytes cannot.
 */
export async function speaksHttp(upstream: Upstream): Promise<boolean> {
  const socket = dial(upstream);
  socket.setTimeout(answerMs, () => socket.destroy());
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("data", (bytes: Buffer) => resolve(bytes.toString("latin1", 0, 7) === "HTTP/1."));
      socket.on("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      socket.write(question);
    });
  } finally {
    socket.destroy();
  }
}
