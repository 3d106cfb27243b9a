export interface Interrupt {
  readonly signal: AbortSignal;
  /** Aborts at the second one. */
  readonly again: AbortSignal;
  /** The command answers for signals from now on. */
  arm(): void;
}

/** The first SIGINT or SIGTERM aborts `signal`, the second `again`; no number of them cuts a step in half. */
export function createInterrupt(say: (text: string) => void): Interrupt {
  const first = new AbortController();
  const second = new AbortController();
  let isArmed = false;
  const receive = (name: NodeJS.Signals): void => {
    if (second.signal.aborted) {
      say(`${name}: still finishing the step that must not be cut in half.`);
    } else if (first.signal.aborted) {
      say(`${name}: stopping as soon as the present step is done; resume or abort goes on from there.`);
      second.abort(new Error(name));
    } else {
      say(`${name}: finishing the step under way, then stopping safely.`);
      first.abort(new Error(name));
    }
  };
  return {
    signal: first.signal,
    again: second.signal,
    arm() {
      if (!isArmed) {
        isArmed = true;
        process.on("SIGINT", receive);
        process.on("SIGTERM", receive);
      }
    },
  };
}
