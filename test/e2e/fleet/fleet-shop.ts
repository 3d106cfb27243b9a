import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProber, type ProberProcess } from "../../../src/proof/start.ts";
import type { Lane } from "../../../src/proof/load.ts";
import type { Progress } from "../../../src/proof/prober.ts";
import { mixedLanes } from "../bare.ts";
import { type Asked, type Asker, openAsker } from "./bed/asker.ts";
import { type Bed, openBed } from "./bed/bed.ts";
import type { BalancerKind } from "./bed/balancer.ts";
import type { StrategyCase } from "./strategies.ts";
import { serveGit } from "./bed/git.ts";
import { type Program, programAt } from "./bed/program.ts";
import { type BedJournal, readNewestJournal } from "./journal.ts";

const apps = join(import.meta.dirname, "../../fixtures/apps");
const proberMain = fileURLToPath(new URL("../../../dist/proof/main.js", import.meta.url));
const port = 3000;
/** Clients of the cohort that canaries are shown to first. */
const mobile: Lane = {
  kind: "requests",
  name: "mobile",
  connection: "keep-alive",
  connections: 4,
  loop: { kind: "open", ratePerSecond: 20 },
  userAgent: "Mobile",
};

/** A small application on a fleet behind a balancer, deployed from the operator's machine. */
export interface FleetShop {
  readonly bed: Bed;
  readonly project: string;
  /** The service through the first balancer. */
  readonly url: string;
  /** What the next release is like: settings of the fixture application. */
  write(settings: Readonly<Record<string, string | number>>): Promise<void>;
  configure(strategy: StrategyCase): void;
  /** The journal of the newest deployment, from the disk of the first host. */
  journal(): BedJournal;
  readonly program: Program;
  load(ratePerSecond?: number, onProgress?: (progress: Progress) => void): Promise<ProberProcess>;
  /** One request through the balancer. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<Asked>;
  /** The version that answers through the balancer, with these headers. */
  version(headers?: Readonly<Record<string, string>>): Promise<string>;
  /** The version each host answers with, past the balancer. */
  versions(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface FleetPlan {
  readonly hosts: readonly string[];
  readonly balancer: BalancerKind;
}

export async function openFleetShop({ hosts, balancer }: FleetPlan): Promise<FleetShop> {
  const backends = [{ service: "web", publicPort: 80, port, healthPath: "/health" }];
  const bed = await openBed({ hosts, balancer, backends, others: ["git"] });
  const { operator } = bed;
  const project = join(operator.directory, "home/shop");
  mkdirSync(project);
  const [git] = bed.others;
  if (git === undefined) throw new Error("the bed has a git server");
  const source = await serveGit(git, (work) => {
    for (const file of ["http.cjs", "settings.cjs", "websocket.cjs"])
      cpSync(join(apps, file), join(work, file));
  });
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
    write: (settings) => source.commit({ "settings.json": JSON.stringify(settings) }),
    configure: (strategy) => writeFileSync(join(project, "cutover.yml"), fleetYaml(strategy, source.url)),
    program: programAt(bed, project),
    journal: () => readNewestJournal(join(bed.hosts[0]?.directory ?? "", "srv/shop")),
    load: (ratePerSecond = 100, onProgress = () => undefined) =>
      startProber(
        {
          url,
          lanes: [...mixedLanes(ratePerSecond), mobile],
          timeoutMs: 15_000,
          version: { field: "version" },
        },
        { main: proberMain, via: operator.inside([]), onProgress },
      ),
    ask: (path, headers) => asker.ask(new URL(path, url).href, headers),
    version: (headers) => versionOf(url, headers),
    versions: () => Promise.all(bed.hosts.map(({ address }) => versionOf(`http://${address}:${port}/`))),
    async close() {
      await asker.close();
      await bed.close();
    },
  };
}

/** Machines of a bed have no systemd. */
const options: Readonly<Record<BalancerKind, string>> = {
  haproxy: '{ reload: "kill -USR2 $(cat /run/haproxy.pid)" }',
  nginx: "{ reload: nginx -s reload }",
  caddy: "{}",
};

/** Short times, so that a deploy takes a few seconds. */
function fleetYaml(strategy: StrategyCase, url: string): string {
  return `app: shop
path: /srv/shop
source: { git: "${url}", branch: main }
servers: ${strategy.servers}
services:
  web:
    run: node http.cjs
    port: ${port}
    instances: 1
    boot: 15s
    drain: 10s
    health: { path: /health, interval: 50ms, healthy-after: 2, min-uptime: 100ms }
traffic:
  engine: ${strategy.balancer}
  hosts: [root@lb1]
  backends: { web: "${strategy.balancer === "caddy" ? ":80" : "be_web"}" }
  options: ${options[strategy.balancer]}
rollout: ${strategy.rollout}
${strategy.isProven === true ? "" : "proof: false\n"}`;
}
