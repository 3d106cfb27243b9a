import type { Context } from "./context.ts";

/** One operator at a time, told who holds it; the lock ends with this program, however it ends. */
export async function underLock<T>(context: Context, doing: string, work: () => Promise<T>): Promise<T> {
  const info = { operator: context.operator, pid: process.pid, doing, since: Date.now() };
  const [first, ...others] = context.hosts;
  try {
    // Of two that come at once one gets the first host, and with it all of them.
    await first?.holdLock(info);
    await Promise.all(others.map((end) => end.holdLock(info)));
    return await work();
  } finally {
    await Promise.all(context.hosts.map((end) => end.releaseLock().catch(() => undefined)));
  }
}
