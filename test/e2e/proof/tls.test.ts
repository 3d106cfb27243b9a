import { once } from "node:events";
import { readFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type tls from "node:tls";
import { expect, test } from "vitest";
import type { Load } from "../../../src/proof/load.ts";
import { startProber } from "../../../src/proof/start.ts";
import { mixedLanes, proberMain } from "../bare.ts";

const fixtures = join(import.meta.dirname, "../../fixtures/handover");
const certificate = join(fixtures, "localhost-cert.pem");

test("over TLS each fresh connection shakes hands in full, and one that is cut is lost", async () => {
  const sessions: boolean[] = [];
  const options = { key: readFileSync(join(fixtures, "localhost-key.pem")), cert: readFileSync(certificate) };
  const server = https.createServer(options, (_, response) => response.end("ok"));
  server.on("secureConnection", (socket: tls.TLSSocket) => sessions.push(socket.isSessionReused()));
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const load: Load = { url: `https://localhost:${port}/`, lanes: mixedLanes(100), timeoutMs: 5000 };
  // The prober trusts what Node is told to trust.
  const prober = await startProber(load, {
    main: proberMain,
    via: ["env", `NODE_EXTRA_CA_CERTS=${certificate}`],
  });
  await sleep(1000);
  prober.begin("outage");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await sleep(60);
  server.listen(port, "localhost");
  await once(server, "listening");
  prober.end();
  await sleep(500);
  const { windows, lanes, total } = await prober.stop();
  server.closeAllConnections();
  server.close();
  const [window] = windows;
  expect([window?.before.failed, window?.after.failed]).toEqual([0, 0]);
  expect(window?.during.failed).toBeGreaterThan(0);
  const fresh = lanes.find(({ lane }) => lane === "fresh");
  expect(sessions.length).toBeGreaterThanOrEqual(fresh?.answered ?? Number.NaN);
  expect(sessions).not.toContain(true);
  expect(total.p50Ms).toBeGreaterThan(0);
});
