/** Then what has arrived is read before more is sent, however much is due; shorter, and a loaded machine falls behind by it. */
const turnMs = 50;

/**
 * Calls `due` for request i at origin + i / rate whatever happened before, and never skips one. The call comes after the
 * event loop has read what arrived, so that a connection which has ended by then is not written to. `behind` is told when
 * there is no time to call for all that is due, and for how long the next has been.
 */
export function pace(
  ratePerSecond: number,
  due: (dueAt: number) => void,
  behind: (dueAt: number, lateMs: number) => void = () => undefined,
): () => void {
  const origin = performance.now();
  const everyMs = 1000 / ratePerSecond;
  let next = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const dispatch = (): void => {
    if (isStopped) return;
    const startedAt = performance.now();
    for (let now = startedAt; origin + next * everyMs <= now; now = performance.now()) {
      if (now - startedAt > turnMs) {
        behind(origin + next * everyMs, now - (origin + next * everyMs));
        setImmediate(dispatch);
        return;
      }
      due(origin + next++ * everyMs);
    }
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
