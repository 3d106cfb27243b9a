import type { Count } from "./tick.ts";
import type { SignalVerdict, Verdict } from "./verdict.ts";

/** The reason, then the evidence signal by signal. */
export function explain({ why, signals }: Verdict): string[] {
  return [why, ...signals.map(explainSignal)];
}

/** "errors: canary 12 of 240 bad, old 2 of 2,100: 340 times more likely under harm; needs 200 to 1". */
function explainSignal(signal: SignalVerdict): string {
  return `${signal.name}: canary ${share(signal.canary)} bad, ${other(signal)}: ${weight(signal)}`;
}

function other({ control, before }: SignalVerdict): string {
  if (control !== null)
    return control.total === 0 ? "nothing of the old to compare" : `old ${share(control)}`;
  return before === null
    ? "nothing to compare with"
    : `old ${share(before)} before, with nothing of it beside the canary`;
}

function weight({ finding, harm, safe }: SignalVerdict): string {
  const needed = (needs: number): string => `needs ${figure(needs)} to 1`;
  if (finding === "harmful") return `${times(harm.ln)} more likely under harm; ${needed(harm.needed)}`;
  if (finding === "sound") return `${times(safe.ln)} more likely when sound; ${needed(safe.needed)}`;
  return `for harm ${times(harm.ln)} (${needed(harm.needed)}), for sound ${times(safe.ln)} (${needed(safe.needed)})`;
}

function times(ln: number): string {
  return ln > Math.log(1e6) ? "over a million times" : `${figure(Math.exp(ln))} times`;
}

function share({ bad, total }: Count): string {
  return `${figure(bad)} of ${figure(total)}`;
}

function figure(number: number): string {
  const isSmall = number < 10 && !Number.isInteger(number);
  return (isSmall ? Math.round(number * 10) / 10 : Math.round(number)).toLocaleString("en-US");
}
