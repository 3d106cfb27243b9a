/** Calls `over` after `ms`, put off once by the time in which nobody could have read an answer; answers with how to call it off. */
export function setDeadline(ms: number, lostMs: () => number, over: () => void): () => void {
  let timer = setTimeout(() => {
    const owedMs = Math.min(ms, lostMs());
    if (owedMs <= 0) return over();
    timer = setTimeout(over, owedMs);
  }, ms);
  return () => clearTimeout(timer);
}
