export interface Beat {
  /** How often a beat is sent. */
  readonly everyMs: number;
  /** A side that hears nothing for so long gives the connection up. */
  readonly silentMs: number;
}

/** A lock is to be free 15 s after its owner was cut off, so a third of that is left for slow machines. */
export const defaultBeat: Beat = { everyMs: 3000, silentMs: 10_000 };

export interface Heartbeat {
  heard(): void;
  stop(): void;
}

const ticksPerBeat = 3;

/**
 * Silence is counted in ticks, not by the clock: a process that was stopped, or a machine that slept, has first to read what
 * arrived meanwhile.
 */
export function startHeartbeat(
  beat: Beat,
  on: { readonly beat: () => void; readonly silence: () => void },
): Heartbeat {
  const tickMs = beat.everyMs / ticksPerBeat;
  const mostSilent = Math.max(1, Math.floor(beat.silentMs / tickMs));
  let ticks = 0;
  let silent = 0;
  const timer = setInterval(() => {
    ticks += 1;
    silent += 1;
    if (silent >= mostSilent) return on.silence();
    if (ticks % ticksPerBeat === 0) on.beat();
  }, tickMs);
  timer.unref();
  return { heard: () => void (silent = 0), stop: () => clearInterval(timer) };
}
