import type { Count } from "./tick.ts";
import type { SignalVerdict, Verdict } from "./verdict.ts";

export const nameWidth = 8;

/** What the two arms are called; brief: without how much the evidence weighs. */
export interface ArmNames {
  readonly canary: string;
  readonly control: string;
  readonly isBrief?: boolean;
}

/** The evidence signal by signal, what settles the verdict first; what nobody had anything of is left out. */
export function explain(
  { signals }: Pick<Verdict, "signals">,
  names: ArmNames = { canary: "new", control: "old" },
): string[] {
  const rank = { harmful: 0, open: 1, sound: 2 };
  return signals
    .filter(({ canary }) => canary.total > 0)
    .toSorted((one, other) => rank[one.finding] - rank[other.finding])
    .map((signal) => explainSignal(signal, names));
}

/** "errors   new 12 of 240 (5 %), old 2 of 2,100 (0.1 %): worse, 340 to 1 (200 to 1 settles it)". */
function explainSignal(signal: SignalVerdict, names: ArmNames): string {
  const { name, canary } = signal;
  const shares = `${name.padEnd(nameWidth)} ${names.canary} ${share(canary)}, ${other(signal, names)}`;
  return names.isBrief === true ? shares : `${shares}: ${weight(signal)}`;
}

function other({ control, before }: SignalVerdict, names: ArmNames): string {
  if (control !== null)
    return control.total === 0 ? `none of the ${names.control}` : `${names.control} ${share(control)}`;
  return before === null ? "nothing to compare with" : `${names.control} ${share(before)} before`;
}

function weight({ finding, harm, safe, isOptional }: SignalVerdict): string {
  if (finding === "harmful") return `worse, ${odds(harm)}`;
  if (finding === "sound") return `as good, ${odds(safe)}`;
  if (isOptional) return harm.ln > Math.log(10) ? `perhaps worse, ${odds(harm)}` : "no worse so far";
  return harm.ln > safe.ln && harm.ln > 0 ? `perhaps worse, ${odds(harm)}` : `as good so far, ${odds(safe)}`;
}

export function odds({ ln, needed }: SignalVerdict["harm"]): string {
  const text = ln > Math.log(1e6) ? "over a million to 1" : `${figure(Math.exp(ln))} to 1`;
  return ln < Math.log(needed) ? `${text}; ${figure(needed)} to 1 settles it` : text;
}

function share({ bad, total }: Count): string {
  const percent = total === 0 || bad === 0 ? "" : ` (${figure((bad / total) * 100)} %)`;
  return `${figure(bad)} of ${figure(total)}${percent}`;
}

export function figure(number: number): string {
  const isSmall = number < 10 && !Number.isInteger(number);
  return (isSmall ? Math.round(number * 10) / 10 : Math.round(number)).toLocaleString("en-US");
}
