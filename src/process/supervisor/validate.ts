import type { ServiceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import { validateHealth } from "./validate-health.ts";

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): value is string => typeof value === "string" && !value.includes("\0");
const isWord = (value: unknown): value is string =>
  isText(value) && /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/.test(value);
const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
const isPort = (value: unknown): boolean => isCount(value) && value > 0 && value < 65_536;
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown): boolean =>
    words.some((word) => word === value);
const orAbsent =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || check(value);

const specShape: Shape = {
  app: isWord,
  name: isWord,
  engine: isOneOf("builtin", "php-fpm", "static"),
  run: (value) => (isText(value) ? value.trim() !== "" : isTexts(value) && value.length > 0),
  cwd: (value) => isText(value) && value.startsWith("/"),
  port: orAbsent(isPort),
  host: orAbsent(isText),
  morePorts: orAbsent((value) => Array.isArray(value) && value.every(isPort)),
  instances: (value) => isCount(value) && value >= 1 && value <= 1000,
  handover: isOneOf("auto", "preload", "relay"),
  health: validateHealth,
  bootMs: isCount,
  drainMs: isCount,
  stop: shaped({ signal: (value) => isText(value) && /^SIG[A-Z0-9]+$/.test(value), timeoutMs: isCount }),
  restart: shaped({ auto: isFlag, maxInRow: isCount, firstDelayMs: isCount, maxDelayMs: isCount }),
  memoryBytes: orAbsent(isCount),
  env: (value) => isRecord(value) && Object.values(value).every(isText),
  envFile: orAbsent(isText),
  after: isTexts,
  fatal: (value) => isTexts(value) && value.every(isPattern),
  reload: orAbsent(isText),
  cron: orAbsent(isText),
  watch: orAbsent(isTexts),
  logs: shaped({ maxBytes: isCount, keep: isCount }),
};

function wrongField(value: Readonly<Record<string, unknown>>): string | null {
  return Object.entries(specShape).find(([name, isRight]) => !isRight(value[name]))?.[0] ?? null;
}

function isSpec(value: object): value is ServiceSpec {
  return wrongField({ ...value }) === null;
}

/** The spec of a request body. Problem BAD_REQUEST names the first wrong field. */
export function asSpec(value: unknown, key: string): ServiceSpec {
  if (!isRecord(value)) throw badRequest("spec is not an object");
  const wrong = wrongField(value);
  if (wrong !== null || !isSpec(value)) throw badRequest(`spec.${wrong ?? ""} is missing or wrong`);
  const spec = value;
  if (`${spec.app}/${spec.name}` !== key)
    throw badRequest(`the spec is for ${spec.app}/${spec.name}, not ${key}`);
  return spec;
}

export function asRelease(value: unknown): string {
  if (!isWord(value)) throw badRequest("release is missing or wrong");
  return value;
}

export function asCount(value: unknown, name: string): number {
  if (!isCount(value)) throw badRequest(`${name} is not a count`);
  return value;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function badRequest(why: string): Problem {
  return new Problem({
    code: "BAD_REQUEST",
    what: "The supervisor does not understand the request.",
    why,
    exit: exits.bug,
  });
}

function shaped(shape: Shape): (value: unknown) => boolean {
  return (value) => isRecord(value) && Object.entries(shape).every(([name, isRight]) => isRight(value[name]));
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
