import { holdDeployLock } from "../../fleet/deploy-lock.ts";
import type { Context } from "./context.ts";

/** One operator at a time, told who holds it; the lock ends with this process, however it ends. */
export async function underLock<T>(context: Context, doing: string, work: () => Promise<T>): Promise<T> {
  const info = { operator: context.operator, pid: process.pid, doing, since: Date.now() };
  const lock = await holdDeployLock(context.place.home, info);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
