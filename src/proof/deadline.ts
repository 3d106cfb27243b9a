/** Calls `over` after `ms`, put off once by the time in which nobody could have read an answer; answers with how to call it off. */
export function setDeadline(ms: number, lostMs: () => number, over: () => void): () => void {
  let timer = setTimeout(() => {
    const owedMs = Math.min(ms, lostMs());
    if (owedMs <= 0) return over();
    timer = setTimeout(over, owedMs);
  }, ms);
  return () => clearTimeout(timer);
}

/** Rejects when it takes longer: "the prober did not start within 10 s". */
export async function within<T>(work: Promise<T>, ms: number, late: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${late} within ${ms / 1000} s`)), ms);
  });
  return await Promise.race([work, over]).finally(() => clearTimeout(timer));
}
