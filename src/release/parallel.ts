/** Runs `task` for every item, at most `width` at once; the first error wins and no further item is begun. */
export async function forEachOf<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
  width = 32,
): Promise<void> {
  const left = items.values();
  let isStopped = false;
  const work = async (): Promise<void> => {
    for (const item of left) {
      if (isStopped) return;
      try {
        await task(item);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: width }, work));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
