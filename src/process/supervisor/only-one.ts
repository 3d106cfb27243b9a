import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import net from "node:net";
import type { HomePaths } from "../home.ts";

/** Makes this process the only supervisor of the home, until it dies. False when there is one already. */
export function claimHome(paths: HomePaths): Promise<boolean> {
  const digest = createHash("sha256").update(realpathSync(paths.home)).digest("hex").slice(0, 24);
  return new Promise((resolve, reject) => {
    // An abstract name: the kernel frees it with its process, so there is no stale lock, and no two can hold it.
    const lock = net.createServer((socket) => socket.destroy());
    lock.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    lock.listen(`\0cutover-${String(process.getuid?.() ?? 0)}-${digest}`, () => resolve(true));
  });
}
