import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "vitest";
import { drivers } from "../../src/traffic/drivers.ts";
import { runShell } from "../../src/traffic/shell.ts";
import { openBed, routing, untilSessions, type Bed } from "../contract/traffic/bed.ts";
import { hiddenFailures } from "../contract/traffic/counters.ts";
import type { Subject } from "../contract/traffic/subject.ts";
import { switchTimes, watchAnswers } from "../contract/traffic/watch.ts";
import { load, mixedLanes } from "../e2e/bare.ts";
import { startCaddy } from "../e2e/traffic/caddy.ts";
import { startHaproxy } from "../e2e/traffic/haproxy.ts";
import { startNginx } from "../e2e/traffic/nginx.ts";
import { markdownTable, report, spread } from "./record.ts";

const switches = Number(process.env["CUTOVER_SWITCHES"] ?? 20);
const apps = ["app1", "app2"] as const;
type App = (typeof apps)[number];

interface Peer {
  readonly subject: Subject;
  /** The configuration when only `app` takes requests, as a person writes it. */
  readonly edit: (config: string, app: App) => string;
  readonly reload: (options: Readonly<Record<string, string>>) => string;
}

const peers: readonly Peer[] = [
  {
    subject: { name: "haproxy", load: drivers["haproxy"], start: (site) => startHaproxy(site) },
    edit: (config, app) =>
      config.replaceAll(/server (app\d) (\S+).*$/gm, (_line, name: string, at: string) =>
        name === app ? `server ${name} ${at}` : `server ${name} ${at} weight 0`,
      ),
    reload: ({ reload }) => reload ?? "",
  },
  {
    subject: { name: "nginx", load: drivers["nginx"], start: (site) => startNginx(site) },
    edit: (config, app) =>
      config.replaceAll(
        /server (127\.0\.0\.(\d+):\d+) fail.*;$/gm,
        (_line, at: string, last: string) =>
          `server ${at} fail_timeout=1s${Number(last) === 11 + apps.indexOf(app) ? "" : " down"};`,
      ),
    reload: ({ command }) => `${command} -s reload`,
  },
  {
    subject: { name: "caddy", load: drivers["caddy"], start: (site) => startCaddy(site) },
    edit: (config, app) =>
      config.replace(/reverse_proxy .*(:\d+)[^{]*\{/, `reverse_proxy 127.0.0.${11 + apps.indexOf(app)}$1 {`),
    reload: ({ command, config }) => `${command} reload --config ${config}`,
  },
];

type Turn = (bed: Bed, app: App) => Promise<void>;

interface Figures {
  readonly firstMs: number[];
  readonly lastMs: number[];
  readonly turnMs: number[];
}

/** One switch while two clients ask without a pause. */
async function measure(bed: Bed, turn: Turn, i: number, figures: Figures): Promise<void> {
  const [from, to] = i % 2 === 0 ? apps : ([apps[1], apps[0]] as const);
  const watch = watchAnswers(bed.url);
  await delay(100);
  const startedAt = performance.now();
  await turn(bed, to);
  figures.turnMs.push(performance.now() - startedAt);
  await delay(400);
  const { firstMs, lastMs } = switchTimes(await watch.stop(), { from, to, startedAt });
  figures.firstMs.push(firstMs);
  figures.lastMs.push(lastMs);
}

async function lossOf(bed: Bed, turn: Turn, isDriven: boolean): Promise<string> {
  await turn(bed, "app1");
  await delay(500);
  const before = isDriven ? await hiddenFailures(bed) : 0;
  const prober = await load(bed.port, mixedLanes(400));
  await delay(200);
  for (let i = 0; i < switches; i += 1) {
    await turn(bed, apps[(i + 1) % 2] ?? "app1");
    if (isDriven) await untilSessions(bed, apps[i % 2] ?? "app1", 0);
    await delay(200);
  }
  const { total } = await prober.stop();
  const hidden = isDriven ? `, ${(await hiddenFailures(bed)) - before} tried again` : "";
  return `${total.failed} of ${total.sent}${hidden}`;
}

const driven: Turn = (bed, app) => bed.balancer.write(routing(apps.map((one) => (one === app ? 1 : 0))));

/** A person's way: the file is rewritten and the balancer reloaded. */
function byHand({ edit, reload }: Peer): Turn {
  return async (bed, app) => {
    const { options } = bed.running.spec;
    const path = options["config"] ?? `${bed.directory}/nginx.conf`;
    writeFileSync(path, edit(readFileSync(path, "utf8"), app));
    const { isOk, lines } = await runShell(reload(options), 30_000);
    if (!isOk) throw new Error(lines.join("\n"));
  };
}

test("switch: from the begin of a switch to the first answer of green and the last of blue", async () => {
  const ways = peers.flatMap((peer) => [
    { name: `${peer.subject.name}, driven by cutover`, peer, turn: driven, isDriven: true },
    { name: `${peer.subject.name}, file and reload`, peer, turn: byHand(peer), isDriven: false },
  ]);
  const beds = await Promise.all(ways.map(({ peer }) => openBed(peer.subject)));
  try {
    const all = ways.map((way, i) => ({
      ...way,
      bed: beds[i] as Bed,
      figures: { firstMs: [], lastMs: [], turnMs: [] } as Figures,
    }));
    for (const { bed, turn } of all) await turn(bed, "app1");
    await delay(1000);
    for (let i = 0; i < switches; i += 1)
      for (const { bed, turn, figures } of all) await measure(bed, turn, i, figures);
    const rows = [
      ["", "first of green, ms", "last of blue, ms", "the switch itself, ms", `lost in ${switches} switches`],
    ];
    for (const { name, bed, turn, isDriven, figures } of all)
      rows.push([
        name,
        spread(figures.firstMs, 1),
        spread(figures.lastMs, 1),
        spread(figures.turnMs, 1),
        await lossOf(bed, turn, isDriven),
      ]);
    report("switch", "A switch at the balancer", `${how}\n\n${markdownTable(rows)}`);
  } finally {
    for (const bed of beds) await bed.close();
  }
});

const how = `${switches} switches of each, one after the other in turns, while one client on a kept and one on fresh connections ask without a pause; from the begin of the switch at the balancer, median (least-most). Then ${switches} more under 400 requests a second, kept and fresh connections, every one sent once. cutover ends a switch when the balancer was seen to follow it. "File and reload" is the same change as a person makes it: the configuration rewritten, the balancer reloaded; haproxy without \`option idle-close-on-response\`.`;
