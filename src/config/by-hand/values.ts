import { availableParallelism } from "node:os";
import { Problem, exits } from "../../problem.ts";

/** "max" or a count; below one: that many fewer than the processors, as in PM2. */
export function parseInstances(text: string): number {
  if (text === "max" || text === "0") return availableParallelism();
  if (/^-\d{1,3}$/.test(text)) return Math.max(1, availableParallelism() + Number(text));
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw invalidValue(`"${text}" is not a number of instances.`, "Use a number from 1 to 999, or max.");
}

/** "512M", "1G", "300K" or bytes. */
export function parseMemory(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([KMG]?)i?B?$/i.exec(text.trim()) ?? [];
  const power = ["", "K", "M", "G"].indexOf(unit.toUpperCase());
  if (amount !== undefined && Number(amount) > 0) return Math.round(Number(amount) * 1024 ** power);
  throw invalidValue(`"${text}" is not an amount of memory.`, "Use for example 512M or 1G.");
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A count of milliseconds, or a duration with its unit ("8000", "8s", "2m"). */
export function parseMilliseconds(text: string, name: string): number {
  const [, amount, unit = "ms"] = /^(\d{1,9})\s*(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  if (amount !== undefined) return Number(amount) * (unitMs[unit] ?? 1);
  throw invalidValue(
    `"${text}" is not a duration for ${name}.`,
    `Use milliseconds (${name} 8000) or a unit (${name} 8s).`,
  );
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port < 65_536) return port;
  throw invalidValue(`"${text}" is not a port.`, "Use a number from 1 to 65535.");
}

export function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidValue(`"${text}" is not a count.`, "Use a number.");
}

export function invalidValue(what: string, fix: string): Problem {
  return new Problem({ code: "FLAG_INVALID", what, fix, state: "Nothing was started.", exit: exits.usage });
}
