import { quote, splitWords } from "../quote.ts";

export interface LaunchPlan {
  readonly runDirectory: string;
  readonly logFile: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** argv without a shell, or a line for /bin/sh. */
  readonly run: string | readonly string[];
  /** [spare, of]: further descriptors of the same listening socket. */
  readonly spares: readonly (readonly [number, number])[];
}

/** 0-2 are the standard streams, and dash redirects single digits only. */
export const firstDescriptor = 3;
const lastDescriptor = 9;
const mostSpares = 6;

/** Descriptors per port: the shim holds one each from 3 on, the launch script adds spares while digits last. */
export function descriptorsOf(ports: readonly number[]): Readonly<Record<string, readonly number[]>> {
  const free = lastDescriptor - firstDescriptor + 1 - ports.length;
  const spares = ports.length === 0 ? 0 : Math.min(mostSpares, Math.floor(free / ports.length));
  const table: Record<string, readonly number[]> = {};
  ports.forEach((port, index) => {
    const firstSpare = firstDescriptor + ports.length + index * spares;
    const added = Array.from({ length: Math.max(spares, 0) }, (_, n) => firstSpare + n);
    table[String(port)] = [firstDescriptor + index, ...added];
  });
  return table;
}

/** One launch as a script for sh: its values never show in an argument list. */
export function launchScript(plan: LaunchPlan): string {
  const lines = [
    `echo $$ >${quote(`${plan.runDirectory}/pid`)}`,
    `exec </dev/null >>${quote(plan.logFile)} 2>&1`,
  ];
  lines.push("umask 022", `rm -f ${quote(`${plan.runDirectory}/launch.sh`)}`);
  for (const [spare, of] of plan.spares) lines.push(`exec ${String(spare)}<&${String(of)}`);
  lines.push(`cd ${quote(plan.cwd)} || exit 97`);
  for (const [name, value] of Object.entries(plan.env)) {
    if (isShellName(name)) lines.push(`export ${name}=${quote(value)}`);
  }
  lines.push("export LISTEN_PID=$$", `export PWD=${quote(plan.cwd)}`, `exec ${command(plan.run)}`);
  return `${lines.join("\n")}\n`;
}

/** A shell can export no other names, and passing them by env(1) would show their values to every user. */
function isShellName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** A line that is one plain command needs no shell between it and its signals. */
function command(run: string | readonly string[]): string {
  const words = typeof run === "string" ? splitWords(run) : run;
  if (words !== null) return words.map((word) => quote(word)).join(" ");
  return `/bin/sh -c ${quote(String(run))}`;
}
