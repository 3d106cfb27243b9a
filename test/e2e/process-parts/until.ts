/** Waits until the condition holds; fails after the deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number = 10_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end)
      throw new Error(`did not happen within ${String(deadlineMs)} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
