import { randomBytes } from "node:crypto";
import { readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { HomePaths } from "../home.ts";
import { installPackage } from "./install.ts";

const inside = "dist/process/supervisor/main.js";

/** What is started at boot: a link, so that it survives the version. */
export function bootMain(home: HomePaths): string {
  return join(home.versions, "current", inside);
}

/** The supervisor's program in this version's copy, which is started next: from now on at boot, too. */
export async function supervisorMain(home: HomePaths): Promise<string> {
  const root = await installPackage(home);
  await link(home, basename(root));
  return join(root, inside);
}

/** There is something to start at boot. A supervisor that runs has its own version there already. */
export async function ensureBootMain(home: HomePaths): Promise<void> {
  const root = await installPackage(home);
  if ((await readlink(join(home.versions, "current")).catch(() => null)) === null)
    await link(home, basename(root));
}

async function link(home: HomePaths, id: string): Promise<void> {
  const path = join(home.versions, "current");
  if ((await readlink(path).catch(() => null)) === id) return;
  const part = join(home.versions, `.part-${randomBytes(6).toString("hex")}`);
  await symlink(id, part);
  await rename(part, path).catch(async (error: unknown) => {
    await rm(part, { force: true });
    throw error;
  });
}
