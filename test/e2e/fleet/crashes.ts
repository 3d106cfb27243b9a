import { expect } from "vitest";
import type { FleetShop } from "./fleet-shop.ts";
import { nameRecord, countAgain } from "./journal.ts";

const moments = ["after", "torn"] as const;
const killed = 128;
const mostPasses = 12;
/** Waits that come up by chance move the records behind them: each deployment aims a little before or behind its first one. */
const shifts = [0, -1, 1, -2, 2];
/** Records are counted from 1. */
const never = 0;

/** What operators deploy and die in; several hosts or one. */
export type CrashShop = Pick<FleetShop, "journal" | "version" | "versions"> & {
  readonly program: Pick<FleetShop["program"], "run">;
  write(settings: { readonly VERSION: string }): void | Promise<void>;
};

let versions = 0;

async function writeNext(shop: CrashShop): Promise<string> {
  const next = `v${++versions}`;
  await shop.write({ VERSION: next });
  return next;
}

/** A deployment that nobody disturbs: names of the records of its journal, in order. */
export async function deployOnce(shop: CrashShop): Promise<readonly string[]> {
  const next = await writeNext(shop);
  const ran = await shop.program.run(["deploy", "--yes"]);
  const said = ran.stdout + ran.stderr;
  expect(ran.exit, said).toBe(0);
  await expectOneRelease(shop, [next], said);
  return shop.journal().records.map(nameRecord);
}

export interface Deaths {
  /** How many operators were killed, and in how many deployments. */
  readonly count: number;
  readonly deployments: number;
  /** Records of the undisturbed deployment at which none was killed. */
  readonly missing: readonly string[];
}

/**
 * Kills operators until one has died at every record of `wanted`, an undisturbed deployment's: right behind it, or in the
 * middle of its writing. Each deployment takes as many of them as it can; who comes next goes on from the hosts' journal.
 * Some records do not come again where the step was done while nobody looked, so the next deployment begins with one of those.
 */
export async function killAtEveryRecord(shop: CrashShop, wanted: readonly string[]): Promise<Deaths> {
  const died: string[] = [];
  const certain = wanted.filter(isCertain);
  const missing = (): readonly string[] => certain.filter((name) => !died.includes(name));
  let deployments = 0;
  while (missing().length > 0 && deployments < mostPasses) {
    await killAlong(shop, certain, died, shifts[deployments % shifts.length] ?? 0);
    deployments += 1;
  }
  return { count: died.length, deployments, missing: missing() };
}

/** Requests that are under way when somebody looks are waited for, and a moment later there are none. */
function isCertain(name: string): boolean {
  return !(name.includes('"layer":"traffic"') && name.includes('"verb":"drain"'));
}

/** One deployment whose operators die one after the other, each at the next record that is still missing in `died`. */
async function killAlong(
  shop: CrashShop,
  wanted: readonly string[],
  died: string[],
  shift: number,
): Promise<void> {
  const next = await writeNext(shop);
  let at = Math.max(1, 1 + nextMissing(wanted, died, -1) + shift);
  let inVain = 0;
  let furthest = -1;
  for (let life = 1; life < 200; life += 1) {
    const { name, said, isOver } = await live(shop, `${at}:${moments[died.length % moments.length]}`);
    if (name !== null) died.push(name);
    if (isOver || name === null) return await expectOneRelease(shop, [next], said);
    const reached = wanted.indexOf(name);
    inVain = reached > furthest ? 0 : inVain + 1;
    furthest = Math.max(furthest, reached);
    const index = reached === -1 ? furthest : reached;
    const ahead = nextMissing(wanted, died, index);
    if (ahead === -1) at = never;
    else if (!isUnderWay(shop)) at = 1 + ahead;
    // Whoever takes over writes a claim and a command first, and again the intents of what is still to be done.
    else at = 2 + countAgain(shop.journal()) + ahead - index + inVain;
  }
  throw new Error("the deployment never came to its end");
}

interface Life {
  /** The record it was killed at; null: it came to the end of the deployment instead. */
  readonly name: string | null;
  /** Nothing was left to be done when it died. */
  readonly isOver: boolean;
  readonly said: string;
}

/** One operator, who goes on with what is under way and is to die at a record it writes. */
async function live(shop: CrashShop, death: string): Promise<Life> {
  const words = [isUnderWay(shop) ? "resume" : "deploy", "--yes"];
  const ran = await shop.program.run(words, { CUTOVER_CRASH_AT: death });
  const said = `to die at ${death}: ${ran.stdout}${ran.stderr}`;
  expect([0, killed], said).toContain(ran.exit);
  if (ran.exit === 0) return { name: null, isOver: true, said };
  const { records, torn } = shop.journal();
  const record = torn ?? records.at(-1);
  const name = record === undefined ? "" : nameRecord(record);
  return { name, isOver: torn === null && record?.kind === "end", said };
}

/** Index of the first name behind `index` that is not in `died`; -1: none. */
function nextMissing(wanted: readonly string[], died: readonly string[], index: number): number {
  return wanted.findIndex((name, i) => i > index && !died.includes(name));
}

function isUnderWay(shop: CrashShop): boolean {
  const { records } = shop.journal();
  return records.length > 0 && records.at(-1)?.kind !== "end";
}

/**
 * Kills the operator of a new deployment at one record, and the one who aborts it at `undoAt` of its own; another one
 * finishes the undoing.
 */
export async function killThenAbort(shop: CrashShop, record: number, undoAt: number): Promise<void> {
  const [before = ""] = await shop.versions();
  await writeNext(shop);
  const ran = await shop.program.run(["deploy", "--yes"], { CUTOVER_CRASH_AT: `${record}:torn` });
  expect(ran.exit, ran.stdout + ran.stderr).toBe(killed);
  const undone = await shop.program.run(["abort", "--yes"], { CUTOVER_CRASH_AT: `${undoAt}:after` });
  const out = undone.exit === killed ? await shop.program.run(["abort", "--yes"]) : undone;
  const said = `killed at ${record}, abort killed at ${undoAt} (${undone.exit}): ${out.stdout}${out.stderr}`;
  expect(out.exit, said).toBe(0);
  await expectOneRelease(shop, [before], said);
}

/** All hosts answer with the same release, and so does the balancer, to everybody. */
async function expectOneRelease(shop: CrashShop, allowed: readonly string[], said: string): Promise<void> {
  const [first = "", ...others] = await shop.versions();
  expect(allowed, said).toContain(first);
  expect(others, said).toEqual(others.map(() => first));
  expect(await shop.version(), said).toBe(first);
  expect(await shop.version({ "user-agent": "Mobile" }), said).toBe(first);
}
