import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../release/durable.ts";
import { fileProblem, hasCode } from "../release/file-problem.ts";

/** What was measured during a deployment, as text: `<home>/proofs/<id of its journal>.json`. The newest hundred are kept. */
const keptProofs = 100;

export async function saveProof(home: string, id: string, text: string): Promise<void> {
  const directory = join(home, "proofs");
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeDurably(fileOf(home, id), text, 0o600);
    for (const old of (await listProofs(home)).slice(0, -keptProofs))
      await rm(fileOf(home, old), { force: true });
  } catch (error) {
    throw fileProblem(error, `write ${fileOf(home, id)}`);
  }
}

/** null: there is none of that id. */
export async function readProof(home: string, id: string): Promise<string | null> {
  try {
    return await readFile(fileOf(home, id), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw fileProblem(error, `read ${fileOf(home, id)}`);
  }
}

async function listProofs(home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, "proofs"));
  const ids = names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
  return ids.sort((a, b) => Number(a) - Number(b));
}

function fileOf(home: string, id: string): string {
  if (!/^\d+$/.test(id)) throw new Error(`"${id}" is no id of a deployment`);
  return join(home, "proofs", `${id}.json`);
}
