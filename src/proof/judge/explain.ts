import type { Count } from "./tick.ts";
import type { SignalVerdict, Verdict } from "./verdict.ts";

const nameWidth = 8;

/** The evidence signal by signal, what settles the verdict first. */
export function explain({ signals }: Pick<Verdict, "signals">): string[] {
  const rank = { harmful: 0, open: 1, sound: 2 };
  return signals.toSorted((one, other) => rank[one.finding] - rank[other.finding]).map(explainSignal);
}

/** "errors   new 12 of 240 (5 %), old 2 of 2,100 (0.1 %): worse, 340 to 1; 200 to 1 decides". */
function explainSignal(signal: SignalVerdict): string {
  return `${signal.name.padEnd(nameWidth)} new ${share(signal.canary)}, ${other(signal)}: ${weight(signal)}`;
}

function other({ control, before }: SignalVerdict): string {
  if (control !== null) return control.total === 0 ? "nothing of the old" : `old ${share(control)}`;
  return before === null ? "nothing to compare with" : `old ${share(before)} before`;
}

function weight({ finding, harm, safe }: SignalVerdict): string {
  if (finding === "harmful") return `worse, ${odds(harm.ln)}; ${figure(harm.needed)} to 1 decides`;
  if (finding === "sound") return `as good, ${odds(safe.ln)}; ${figure(safe.needed)} to 1 decides`;
  return `open, worse ${odds(harm.ln)}, as good ${odds(safe.ln)}; ${figure(Math.min(harm.needed, safe.needed))} to 1 decides`;
}

function odds(ln: number): string {
  return ln > Math.log(1e6) ? "over a million to 1" : `${figure(Math.exp(ln))} to 1`;
}

function share({ bad, total }: Count): string {
  const percent = total === 0 || bad === 0 ? "" : ` (${figure((bad / total) * 100)} %)`;
  return `${figure(bad)} of ${figure(total)}${percent}`;
}

function figure(number: number): string {
  const isSmall = number < 10 && !Number.isInteger(number);
  return (isSmall ? Math.round(number * 10) / 10 : Math.round(number)).toLocaleString("en-US");
}
