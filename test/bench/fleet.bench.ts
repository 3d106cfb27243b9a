import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Bed, hostNames, openBed } from "../e2e/fleet/bed/bed.ts";
import type { Machine } from "../e2e/fleet/bed/machine.ts";
import { cutoverMain } from "../e2e/host.ts";
import { type Counted, runCounted } from "./fleet-cpu.ts";
import { capistrano, type Deployer, installShipit, operatorEnv, shipit, type Site } from "./fleet-peers.ts";
import { type Repository, serveRepository } from "./fleet-repository.ts";
import { markdownTable, median, report, spread } from "./record.ts";

const roundTripMs = 50;
const rounds = Number(process.env["CUTOVER_FLEET_ROUNDS"] ?? 3);

interface Cutover extends Deployer {
  run(...words: readonly string[]): Promise<Counted>;
}

function cutover({ bed, hosts, repository }: Site): Cutover {
  const cwd = join(bed.directory, `cutover-${hosts.length}`);
  mkdirSync(cwd);
  const servers = hosts.map(({ name }) => `deploy@${name}`).join(", ");
  writeFileSync(
    join(cwd, "cutover.yml"),
    `app: shop${hosts.length}
path: /srv/cutover-${hosts.length}
servers: [${servers}]
source: { git: "${repository}", branch: main }
services:
  web: { run: node server.cjs, port: ${3000 + hosts.length}, health: { path: /, interval: 50ms, min-uptime: 100ms } }
rollout: { bake: 0s, batch: 100% }
`,
  );
  const env = { ...operatorEnv(bed), CUTOVER_HOME: join(bed.operator.directory, "home/.cutover") };
  const run: Cutover["run"] = (...words) =>
    runCounted(bed, [process.execPath, cutoverMain, ...words], { cwd, env });
  return { name: "cutover", run, deploy: () => run("deploy", "--yes") };
}

interface Use {
  readonly connections: number;
  readonly channels: number;
}

/** What sshd of a host was asked for since it started. */
function sshUse(host: Machine): Use {
  const log = readFileSync(join(host.directory, "var/log/sshd"), "utf8");
  const count = (pattern: RegExp): number => log.match(pattern)?.length ?? 0;
  return { connections: count(/^Connection from /gm), channels: count(/^Starting session: /gm) };
}

interface Run extends Use {
  readonly seconds: number;
  readonly operatorCpu: number;
  readonly hostsCpu: number;
}

async function measure(deployer: Deployer, host: Machine): Promise<Run> {
  const before = sshUse(host);
  const ran = await deployer.deploy();
  expect(ran.exit, `${deployer.name}: ${ran.stdout}${ran.stderr}`).toBe(0);
  const after = sshUse(host);
  return {
    seconds: ran.ms / 1000,
    operatorCpu: ran.operatorCpu,
    hostsCpu: ran.hostsCpu,
    connections: after.connections - before.connections,
    channels: after.channels - before.channels,
  };
}

/** Every deployer in every round, in a rotated order. */
async function compare(deployers: readonly Deployer[], host: Machine): Promise<Map<Deployer, Run[]>> {
  const runs = new Map(deployers.map((deployer): [Deployer, Run[]] => [deployer, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = deployers.map((_, i) => deployers[(i + round) % deployers.length]);
    for (const deployer of order)
      if (deployer !== undefined) runs.get(deployer)?.push(await measure(deployer, host));
  }
  return runs;
}

function rowsOf(where: string, runs: ReadonlyMap<Deployer, readonly Run[]>): string[][] {
  const seconds = [...runs].map(([{ name }, all]) => ({ name, all, figures: all.map((run) => run.seconds) }));
  const own = seconds.find(({ name }) => name === "cutover")?.figures ?? [];
  return seconds.map(({ name, all, figures }) => [
    where,
    name,
    spread(figures),
    spread(
      figures.map((figure, i) => figure / (own[i] ?? Number.NaN)),
      1,
    ),
    median(all.map((run) => run.operatorCpu)).toFixed(2),
    median(all.map((run) => run.hostsCpu)).toFixed(2),
    String(median(all.map((run) => run.connections))),
    String(median(all.map((run) => run.channels))),
  ]);
}

/** A deploy of one changed file: what the peers do each time. */
async function changed(repository: Repository, deployer: Deployer, host: Machine): Promise<number> {
  await repository.change();
  return (await measure(deployer, host)).seconds;
}

/** What else is asked of a fleet as often. */
async function look(own: Cutover): Promise<readonly string[]> {
  const figures: string[] = [];
  for (const word of ["status", "plan"]) {
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ran = await own.run(word);
      expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
      seconds.push(ran.ms / 1000);
    }
    figures.push(spread(seconds));
  }
  return figures;
}

async function measureHosts(bed: Bed, count: number, tools: { repository: Repository; shipit: string }) {
  const site = { bed, hosts: bed.hosts.slice(0, count), repository: tools.repository.url };
  const [host] = site.hosts;
  if (host === undefined) throw new Error("a site has hosts");
  const own = cutover(site);
  const deployers = [own, capistrano(site), shipit(tools.shipit, site)];
  for (const deployer of deployers) await measure(deployer, host);
  const name = `${count} host${count === 1 ? "" : "s"}`;
  const rows = rowsOf(name, await compare(deployers, host));
  const change = [await changed(tools.repository, own, host), await changed(tools.repository, own, host)];
  const looks = await look(own);
  await bed.network.delay(bed.operator, roundTripMs);
  const far = await compare(deployers, host);
  await bed.network.delay(bed.operator, 0);
  return {
    rows: [...rows, ...rowsOf(`${name}, ${roundTripMs} ms`, far)],
    own: [name, ...looks, spread(change)],
  };
}

const head = [
  "",
  "",
  "seconds",
  "times cutover's",
  "CPU s, operator",
  "CPU s, all hosts",
  "ssh connections per host",
  "channels per host",
];

test("fleet-deploy: no-change deploy beside Capistrano and Shipit", async () => {
  const bed = await openBed({ hosts: hostNames(10), others: ["git"] });
  try {
    const [git] = bed.others;
    if (git === undefined) throw new Error("the bed has a git server");
    const tools = { repository: await serveRepository(git), shipit: await installShipit(bed.directory) };
    const rows = [head];
    const alone = [["cutover, seconds", "status", "plan", "deploy of one changed file"]];
    for (const count of [1, 4, 10]) {
      const measured = await measureHosts(bed, count, tools);
      rows.push(...measured.rows);
      alone.push(measured.own);
    }
    const how = `One repository (200 files, 2.6 MB) served by git's own daemon, hosts in network namespaces of one machine with their own sshd; ${rounds} rounds, every deployer once a round, the order rotated; median (least-most). Ratios are within a round. Nothing has changed since the deploy before: Capistrano and Shipit make a new release all the same, cutover sees on every host that the release, its env and what runs are what is wanted. For cutover it includes one service per host. 50 ms: round trip added to the operator's link. Operator and hosts share the two cores of one machine: what each side took of them stands beside.`;
    report(
      "fleet-deploy",
      "A deploy to several hosts",
      `${how}\n\n${markdownTable(rows)}\n\n${markdownTable(alone)}`,
    );
  } finally {
    await bed.close();
  }
});
