import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProber, type ProberProcess } from "../../../src/proof/start.ts";
import { mixedLanes } from "../bare.ts";
import { cutoverMain, type Ran } from "../host.ts";
import { type Asker, openAsker } from "./bed/asker.ts";
import { type Bed, openBed } from "./bed/bed.ts";
import type { BalancerKind } from "./bed/balancer.ts";

const apps = join(import.meta.dirname, "../../fixtures/apps");
const proberMain = fileURLToPath(new URL("../../../dist/proof/main.js", import.meta.url));
const port = 3000;

/** A small application on a fleet behind a balancer, deployed from the operator's machine. */
export interface FleetShop {
  readonly bed: Bed;
  readonly project: string;
  /** The service through the first balancer. */
  readonly url: string;
  /** What the next release is like: settings of the fixture application. */
  write(settings: Readonly<Record<string, string | number>>): void;
  configure(yaml: string): void;
  cutover(words: readonly string[], env?: Environment): Promise<Ran>;
  /** The command under way; its pid is the program's own. */
  start(words: readonly string[], env?: Environment): ChildProcess;
  load(ratePerSecond?: number): Promise<ProberProcess>;
  /** The version that answers through the balancer, with these headers. */
  version(headers?: Readonly<Record<string, string>>): Promise<string>;
  /** The version each host answers with, past the balancer. */
  versions(): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

interface FleetPlan {
  readonly hosts: readonly string[];
  readonly balancer: BalancerKind;
}

export async function openFleetShop({ hosts, balancer }: FleetPlan): Promise<FleetShop> {
  const backends = [{ service: "web", publicPort: 80, port, healthPath: "/health" }];
  const bed = await openBed({ hosts, balancer, backends });
  const { operator } = bed;
  const project = join(operator.directory, "home/shop");
  mkdirSync(project);
  for (const file of ["http.cjs", "settings.cjs", "websocket.cjs"])
    cpSync(join(apps, file), join(project, file));
  const home = join(operator.directory, "home");
  const environment = { ...process.env, HOME: home, CUTOVER_HOME: join(home, ".cutover") };
  const url = `http://${bed.balancers[0]?.address}/`;
  const asker: Asker = openAsker(operator);
  const versionOf = async (where: string, headers?: Readonly<Record<string, string>>): Promise<string> => {
    const { status, body } = await asker.ask(where, headers);
    return status === 200 ? (JSON.parse(body) as { readonly version: string }).version : `${status} ${body}`;
  };
  return {
    bed,
    project,
    url,
    write: (settings) => writeFileSync(join(project, "settings.json"), JSON.stringify(settings)),
    configure: (yaml) => writeFileSync(join(project, "cutover.yml"), yaml),
    cutover: (words, env) =>
      operator.run([process.execPath, cutoverMain, ...words], {
        cwd: project,
        env: { ...environment, ...env },
      }),
    start(words, env) {
      const argv = ["env", `--chdir=${project}`, process.execPath, cutoverMain, ...words];
      const [program, ...rest] = operator.inside(argv);
      return spawn(program, rest, { env: { ...environment, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    },
    load: (ratePerSecond = 100) =>
      startProber(
        { url, lanes: mixedLanes(ratePerSecond), timeoutMs: 15_000, version: { field: "version" } },
        { main: proberMain, via: operator.inside([]) },
      ),
    version: (headers) => versionOf(url, headers),
    versions: () => Promise.all(bed.hosts.map(({ address }) => versionOf(`http://${address}:${port}/`))),
    async close() {
      await asker.close();
      await bed.close();
    },
  };
}

/** Short times, so that a deploy takes a few seconds; `rollout` and `traffic` are YAML maps in one line. */
export function fleetYaml(options: {
  readonly servers: string;
  readonly engine: BalancerKind;
  readonly rollout: string;
}): string {
  return `app: shop
path: /srv/shop
servers: ${options.servers}
services:
  web:
    run: node http.cjs
    port: ${port}
    instances: 1
    boot: 15s
    drain: 10s
    health: { path: /health, interval: 50ms, healthy-after: 2, min-uptime: 100ms }
traffic: { engine: ${options.engine}, hosts: [root@lb1], backends: { web: be_web } }
rollout: ${options.rollout}
`;
}
