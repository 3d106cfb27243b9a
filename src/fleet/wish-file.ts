import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Wish } from "../plan/fleet.ts";
import { writeDurably } from "../release/durable.ts";
import { parseObject } from "../release/json.ts";

/** What a person at another terminal wants of the deployment under way: one small file, the last wish counts. */
export async function readWish(home: string): Promise<Wish | null> {
  const { deployment, command, operator } =
    parseObject(await readFile(fileOf(home), "utf8").catch(() => "")) ?? {};
  if (typeof deployment !== "string" || typeof operator !== "string") return null;
  if (command !== "promote" && command !== "pause" && command !== "abort") return null;
  return { deployment, command, operator };
}

export async function leaveWish(home: string, wish: Wish): Promise<void> {
  await writeDurably(fileOf(home), `${JSON.stringify(wish)}\n`);
}

/** A wish that came later stays. */
export async function clearWish(home: string, wish: Wish): Promise<void> {
  const present = await readWish(home);
  if (present !== null && isSameWish(present, wish)) await rm(fileOf(home), { force: true });
}

function isSameWish(one: Wish, other: Wish): boolean {
  return (
    one.deployment === other.deployment && one.command === other.command && one.operator === other.operator
  );
}

function fileOf(home: string): string {
  return join(home, "wish");
}
