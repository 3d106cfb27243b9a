/**
 * Calls `due` for request i at origin + i / rate whatever happened before, and never skips one. The call comes after the
 * event loop has read what arrived, so that a connection which has ended by then is not written to.
 */
export function pace(ratePerSecond: number, due: (dueAt: number) => void): () => void {
  const origin = performance.now();
  const everyMs = 1000 / ratePerSecond;
  let next = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const dispatch = (): void => {
    if (isStopped) return;
    while (origin + next * everyMs <= performance.now()) due(origin + next++ * everyMs);
    wait();
  };
  const wait = (): void => {
    if (isStopped) return;
    const inMs = origin + next * everyMs - performance.now();
    timer = setTimeout(() => setImmediate(dispatch), Math.max(0, Math.floor(inMs)));
  };
  wait();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
