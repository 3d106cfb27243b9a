import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectSupervisor } from "../../../dist/process/client.js";
import { homePaths } from "../../../dist/process/home.js";
import { cutover, type Ran } from "../cli/run-cutover.ts";
import { type Sshd, startSshd } from "./sshd.ts";

/** Servers alpha and beta, each with a home directory of its own, where the app lives in ~/shop. */
export interface TwoServers {
  /** Of the operator: home, project. */
  readonly directory: string;
  readonly project: string;
  /** A path in the home directory of a server. */
  on(server: "alpha" | "beta", ...names: readonly string[]): string;
  configure(lines: readonly string[]): void;
  run(...words: readonly string[]): Promise<Ran>;
  log(): string;
  close(): Promise<void>;
}

const names = ["alpha", "beta"] as const;
const worker = "services: { worker: { run: ./run.sh, health: none } }\nrollout: { bake: 100ms }";

export async function openTwoServers(): Promise<TwoServers> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-two-"));
  const project = join(directory, "project");
  mkdirSync(project);
  writeFileSync(join(project, "run.sh"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
  execFileSync("git", ["init", "-q", "--initial-branch=main", project]);
  const homeOf = (name: string): string => join(directory, name);
  const servers = new Map<string, Sshd>();
  for (const name of names) {
    mkdirSync(homeOf(name));
    const home = homeOf(name);
    servers.set(
      name,
      await startSshd({ settings: [`SetEnv HOME=${home} CUTOVER_HOME=${join(home, ".cutover")}`] }),
    );
  }
  const config = join(directory, "ssh_config");
  const hosts = [...servers].map(([name, sshd]) => {
    const own = readFileSync(join(sshd.directory, "ssh_config"), "utf8");
    return own.replace("Host *", `Host ${name}`);
  });
  writeFileSync(config, hosts.join("\n"));
  const env = {
    ...process.env,
    CUTOVER_SSH: `ssh -F ${config}`,
    CUTOVER_HOME: join(directory, "operator"),
  };
  return {
    directory,
    project,
    on: (server, ...parts) => join(homeOf(server), ...parts),
    configure(lines) {
      const text = ["app: shop", "path: ~/shop", worker, ...lines].join("\n");
      writeFileSync(join(project, "cutover.yml"), `${text}\n`);
    },
    run: (...words) => cutover(words, { cwd: project, env }),
    log: () => [...servers.values()].map((sshd) => sshd.log()).join("\n"),
    async close() {
      for (const [name, sshd] of servers) {
        const home = homePaths({ CUTOVER_HOME: join(homeOf(name), ".cutover") });
        const supervisor = await connectSupervisor(home, { start: false }).catch(() => null);
        await supervisor?.shutdown("stop");
        await sshd.stop();
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
