import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { cutoverMain, type Ran } from "../../host.ts";
import type { Bed } from "./bed.ts";

type Environment = Readonly<Record<string, string>>;

/** The compiled program on the operator's machine, in a project there. */
export interface Program {
  run(words: readonly string[], env?: Environment): Promise<Ran>;
  /** Under way; the pid is the program's own. */
  start(words: readonly string[], env?: Environment): ChildProcess;
}

export function programAt(bed: Bed, project: string): Program {
  const home = join(bed.operator.directory, "home");
  const environment = {
    ...process.env,
    HOME: home,
    CUTOVER_HOME: join(home, ".cutover"),
    TMPDIR: join(bed.operator.directory, "tmp"),
  };
  const argv = (words: readonly string[]): string[] => [process.execPath, cutoverMain, ...words];
  return {
    run: (words, env) => bed.operator.run(argv(words), { cwd: project, env: { ...environment, ...env } }),
    start(words, env) {
      const [program, ...rest] = bed.operator.inside(["env", `--chdir=${project}`, ...argv(words)]);
      return spawn(program, rest, { env: { ...environment, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    },
  };
}
