import type { CommandInput } from "../command.ts";

type Flags = CommandInput["flags"];

export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

export function textsOf(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  return typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
}

export function isSet(flags: Flags, name: string): boolean {
  return flags[name] === true;
}
