import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import net from "node:net";
import type { HomePaths } from "../home.ts";
import { sleep } from "./deferred.ts";
import { codeOf } from "./error-code.ts";
import { probe } from "./probe.ts";

const retryMs = 50;
const deadlineMs = 15_000;

/** Makes this process the only supervisor of the home, until it dies. False when another one answers. */
export async function claimHome(paths: HomePaths): Promise<boolean> {
  const digest = createHash("sha256").update(realpathSync(paths.home)).digest("hex").slice(0, 24);
  const name = `\0cutover-${String(process.getuid?.() ?? 0)}-${digest}`;
  const deadline = performance.now() + deadlineMs;
  while (!(await hold(name))) {
    // A killed supervisor holds the name for a moment more, and one that starts does not answer yet.
    if (await answers(paths)) return false;
    if (performance.now() > deadline)
      throw new Error(`another process holds ${name.slice(1)} and does not answer`);
    await sleep(retryMs);
  }
  return true;
}

/** An abstract name: the kernel frees it with its process, so there is no stale lock, and no two can hold it. */
function hold(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const lock = net.createServer((socket) => socket.destroy());
    lock.once("error", (error) => (codeOf(error) === "EADDRINUSE" ? resolve(false) : reject(error)));
    lock.listen(name, () => resolve(true));
  });
}

async function answers({ supervisorSocket }: HomePaths): Promise<boolean> {
  try {
    await probe({ socketPath: supervisorSocket, path: "/v1/ping", port: 0, tls: false, timeoutMs: 1000 });
    return true;
  } catch {
    return false;
  }
}
