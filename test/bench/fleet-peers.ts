import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bed } from "../e2e/fleet/bed/bed.ts";
import type { Machine } from "../e2e/fleet/bed/machine.ts";
import { runProgram } from "../e2e/host.ts";
import { runCounted, type Counted } from "./fleet-cpu.ts";

/** A deployer on the bed's operator, set up for the same repository and hosts. */
export interface Deployer {
  readonly name: string;
  deploy(): Promise<Counted>;
}

export interface Site {
  readonly bed: Bed;
  readonly hosts: readonly Machine[];
  readonly repository: string;
}

/** Where programs of the operator find ~/.ssh, and may write. */
export function operatorEnv(bed: Bed): Record<string, string | undefined> {
  const { directory } = bed.operator;
  return { ...process.env, HOME: join(directory, "home"), TMPDIR: join(directory, "tmp") };
}

export function capistrano({ bed, hosts, repository }: Site): Deployer {
  const cwd = join(bed.directory, `capistrano-${hosts.length}`);
  mkdirSync(join(cwd, "config/deploy"), { recursive: true });
  const capfile = ["setup", "deploy", "scm/git"].map((name) => `require "capistrano/${name}"`);
  writeFileSync(join(cwd, "Capfile"), `${capfile.join("\n")}\ninstall_plugin Capistrano::SCM::Git\n`);
  const settings = `set :application, "shop"
set :repo_url, "${repository}"
set :branch, "main"
set :deploy_to, "/srv/capistrano-${hosts.length}"
set :keep_releases, 5
append :linked_dirs, "log"
`;
  writeFileSync(join(cwd, "config/deploy.rb"), settings);
  const servers = hosts.map(({ name }) => `server "${name}", user: "deploy", roles: %w[app]`);
  writeFileSync(join(cwd, "config/deploy/production.rb"), `${servers.join("\n")}\n`);
  return {
    name: "Capistrano 3",
    deploy: () => runCounted(bed, ["cap", "production", "deploy"], { cwd, env: operatorEnv(bed) }),
  };
}

/** shipit-cli and shipit-deploy from npm, in a directory of their own. */
export async function installShipit(directory: string): Promise<string> {
  const cwd = join(directory, "shipit");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "package.json"), "{}");
  const packages = ["shipit-cli@5.3.0", "shipit-deploy@5.3.0"];
  const words = ["install", ...packages, "--no-audit", "--no-fund", "--ignore-scripts"];
  const installed = await runProgram("npm", words, { cwd, env: process.env });
  if (installed.exit !== 0) throw new Error(installed.stderr);
  return cwd;
}

export function shipit(directory: string, { bed, hosts, repository }: Site): Deployer {
  const settings = {
    default: {
      deployTo: `/srv/shipit-${hosts.length}`,
      repositoryUrl: repository,
      branch: "main",
      keepReleases: 5,
      keepWorkspace: false,
      shallowClone: true,
    },
    production: { servers: hosts.map(({ name }) => `deploy@${name}`) },
  };
  const file = join(directory, `shipitfile-${hosts.length}.js`);
  writeFileSync(
    file,
    `module.exports = (shipit) => {
  require("shipit-deploy")(shipit);
  shipit.initConfig(${JSON.stringify(settings)});
};
`,
  );
  const argv = [process.execPath, join(directory, "node_modules/.bin/shipit"), "--shipitfile", file];
  return {
    name: "Shipit 5",
    deploy: () =>
      runCounted(bed, [...argv, "production", "deploy"], { cwd: directory, env: operatorEnv(bed) }),
  };
}
