import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSearch, type Searched } from "./searches.ts";

const root = join(import.meta.dirname, "../../..");
const tsc = join(root, "node_modules/typescript/bin/tsc");
const flags =
  "--ignoreConfig --noCheck --skipLibCheck --rewriteRelativeImportExtensions --module nodenext --target es2023";

const worker = `import { ${runSearch.name} } from "./test/e2e/simulation/searches.js";
process.on("message", (index) => process.send({ index, searched: ${runSearch.name}(index) }));
`;

interface Answer {
  readonly index: number;
  readonly searched: Searched;
}

/** Runs the first `count` searches in two processes of their own, the next one where there is room. Answers them in their order. */
export async function searchOnTwoCores(count: number): Promise<readonly Searched[]> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-search-"));
  try {
    const searches = join(import.meta.dirname, "searches.ts");
    execFileSync(process.execPath, [
      tsc,
      ...flags.split(" "),
      "--rootDir",
      root,
      "--outDir",
      directory,
      searches,
    ]);
    writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
    writeFileSync(join(directory, "worker.js"), worker);
    const answers: Searched[] = [];
    const waiting = Array.from({ length: count }, (_, index) => index);
    const one = (): Promise<void> => work(join(directory, "worker.js"), waiting, answers);
    await Promise.all([one(), one()]);
    return answers;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function work(program: string, waiting: number[], answers: Searched[]): Promise<void> {
  const child = fork(program, { execArgv: ["--max-old-space-size=3000"] });
  const next = (): void => {
    const index = waiting.shift();
    if (index === undefined) child.disconnect();
    else child.send(index);
  };
  child.on("message", ({ index, searched }: Answer) => {
    answers[index] = searched;
    next();
  });
  next();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`A search ended with ${code ?? signal}.`));
    });
  });
}
