export interface Interrupt {
  readonly signal: AbortSignal;
  /** The command answers for signals from now on. */
  arm(): void;
}

/** The first SIGINT or SIGTERM aborts the signal; every later one only says that the step is being finished. */
export function createInterrupt(say: (text: string) => void): Interrupt {
  const controller = new AbortController();
  let isArmed = false;
  const receive = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      say(`${name}: still finishing the step that must not be cut in half.`);
      return;
    }
    say(`${name}: finishing the step under way, then stopping safely.`);
    controller.abort(new Error(name));
  };
  return {
    signal: controller.signal,
    arm() {
      if (!isArmed) {
        isArmed = true;
        process.on("SIGINT", receive);
        process.on("SIGTERM", receive);
      }
    },
  };
}
