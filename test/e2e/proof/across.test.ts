import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Report } from "../../../src/cli/report/report.ts";
import type { Proof } from "../../../src/proof/proof.ts";
import { expectExit, openShop, type Shop, shopYaml } from "../deploy/shop.ts";

/** Uploads, streams and WebSockets that a real deployment meets on its way, as its proof tells of them. */
const uploadBytes = 1024 * 1024;

/** What the application itself wrote down of an upload that it read to its end; ms since the epoch. */
interface Upload {
  readonly version: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const log = (): string => join(shop.project, "uploads.ndjson");
const write = (version: string, more: Readonly<Record<string, number>> = {}): void =>
  shop.write({ VERSION: version, UPLOAD_LOG: log(), ...more });

function configure(): void {
  const text = "proof: { release-header: x-release, upload: /upload, stream: /events, websocket: /ws }";
  shop.configure(shopYaml(shop, { isMeasured: true, text }));
}

async function read<T>(words: readonly string[]): Promise<T & { readonly exit: number }> {
  const ran = await shop.cutover([...words, "--json"]);
  const line = ran.stdout.split("\n").find((one) => one.startsWith('{"event":"result"'));
  const told: T = JSON.parse(line ?? "{}");
  return { ...told, exit: ran.exit };
}

/** Those that began before the switch began and were read to their end after it was over. */
function across({ startedAt, steps }: Report, slackMs: number): readonly Upload[] {
  const opened = steps.find(({ layer, verb }) => layer === "process" && verb === "switch");
  const from = startedAt + (opened?.fromMs ?? Number.NaN) + slackMs;
  const to = startedAt + (opened?.fromMs ?? Number.NaN) + (opened?.ms ?? Number.NaN) - slackMs;
  const lines = existsSync(log()) ? readFileSync(log(), "utf8").trim().split("\n") : [];
  const uploads = lines.map((line): Upload => JSON.parse(line));
  return uploads.filter((one) => one.from <= from && one.to >= to);
}

test("an upload under way at the switch is answered whole by the old release, and the proof says how many there were", async () => {
  configure();
  write("v1");
  expectExit(await shop.cutover(["deploy"]), 0);
  write("v2");
  const deployed = await shop.cutover(["deploy"]);
  expectExit(deployed, 0);

  const { proof } = await read<{ proof: Proof }>(["proof"]);
  const { report } = await read<{ report: Report }>(["report"]);
  const [certain, possible] = [across(report, -50), across(report, 50)];
  expect(certain.length).toBeGreaterThan(0);
  for (const upload of certain) expect(upload).toMatchObject({ version: "v1", bytes: uploadBytes });

  expect(proof.failures).toEqual([]);
  const [upload, stream, websocket] = proof.atSwitch ?? [];
  expect(upload).toMatchObject({ what: "upload", lost: 0, open: 0 });
  expect(upload?.answeredBy).toEqual({ v1: upload?.underWay });
  expect(upload?.underWay).toBeGreaterThanOrEqual(certain.length);
  expect(upload?.underWay).toBeLessThanOrEqual(possible.length);
  const goodbye = { underWay: 1, ended: 1, reopened: 1, lost: 0 };
  expect([stream, websocket]).toMatchObject([
    { what: "stream", ...goodbye },
    { what: "websocket", ...goodbye },
  ]);

  const count = upload?.underWay ?? 0;
  const uploads = `${count === 1 ? "1 upload, " : `${count} uploads, ${count === 2 ? "both" : `all ${count}`} `}answered by v1`;
  const said = `Under way at the switch: ${uploads}; 1 stream, ended cleanly and opened again; 1 WebSocket, closed cleanly and opened again.`;
  expect(deployed.stdout).toContain(said);
  expect((await shop.cutover(["proof"])).stdout).toContain(`\n  ${said}\n`);
  const markdown = await shop.cutover(["report", "--markdown", "--html", "report.html"]);
  expect(markdown.stdout).toContain(said);
  expect(readFileSync(join(shop.project, "report.html"), "utf8")).toContain(said);
});

test("an upload that is cut by a drain shorter than itself is told as lost at the switch", async () => {
  const text = "proof: { release-header: x-release, upload: /upload }";
  const yaml = shopYaml(shop, { isMeasured: true, bake: "10ms", text });
  shop.configure(yaml.replace("drain: 10s", "drain: 50ms"));
  // An upload that meets the switch has more than two seconds to go, however slow the machine is.
  write("v1", { UPLOAD_MS: 1500 });
  expectExit(await shop.cutover(["deploy"]), 0);
  write("v2");
  const deployed = await shop.cutover(["deploy"]);
  expectExit(deployed, 0);
  const { proof, exit } = await read<{ proof: Proof }>(["proof"]);
  expect([exit, proof.verdict]).toEqual([5, "broken"]);
  const [upload] = proof.atSwitch ?? [];
  expect(upload?.lost).toBeGreaterThan(0);
  expect(["closed", "reset"]).toEqual(expect.arrayContaining(Object.keys(upload?.lostBy ?? {})));
  // One that began while it was being switched was lost as well, and met no switch from its beginning.
  const failed = proof.lanes.find(({ lane }) => lane === "upload")?.failed;
  expect(failed).toBeGreaterThanOrEqual(upload?.lost ?? Number.NaN);
  expect(deployed.stdout).toMatch(/Under way at the switch: \d uploads?, .*lost \((closed|reset)\)/);
  expect((await shop.cutover(["proof"])).stdout).toMatch(/after the first change, upload: (closed|reset), ./);
});

test("an upload that is refused before its body has ended counts against a deployment that made it so, and against no other", async () => {
  configure();
  write("v1", { UPLOAD_STATUS: 413 });
  expectExit(await shop.cutover(["deploy"]), 0);
  write("v2");
  const mended = await shop.cutover(["deploy"]);
  expectExit(mended, 0);
  const before = await read<{ proof: Proof }>(["proof"]);
  expect([before.exit, before.proof.verdict, before.proof.failures]).toEqual([5, "inconclusive", []]);
  expect(before.proof.atSwitch?.map(({ what }) => what)).toEqual(["stream", "websocket"]);
  expect(before.proof.reasons[0]).toBe(
    "Uploads were not measured: before anything was changed /upload did not answer as it should (status 413).",
  );
  expect(mended.stdout).toContain(before.proof.reasons[0]);

  write("v3", { UPLOAD_STATUS: 413 });
  expectExit(await shop.cutover(["deploy"]), 0);
  const { proof, exit } = await read<{ proof: Proof }>(["proof"]);
  expect([exit, proof.verdict]).toEqual([5, "broken"]);
  const [upload] = proof.atSwitch ?? [];
  expect(upload).toMatchObject({ lost: 0, answeredBy: { v2: upload?.underWay } });
  const lost = { ...proof.during.failedBy, ...proof.after.failedBy };
  expect(Object.keys(lost)).toEqual(["4xx"]);
  expect(proof.failures[0]).toMatchObject({
    lane: "upload",
    failure: "4xx",
    detail: expect.stringMatching(/^status 413, with \d+ % of the upload sent$/),
  });
});
