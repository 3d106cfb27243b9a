import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { Lane } from "../../../src/proof/load.ts";
import { fixturesDirectory } from "../fixtures.ts";
import { losses, noLosses, reloadUnderLoad } from "./reloads.ts";

const cwd = fixturesDirectory();
const uploadBytes = 20 * 1024 * 1024;
const lanes: Lane[] = [
  {
    kind: "requests",
    name: "5 s in flight",
    path: "/slow?ms=5000",
    connection: "keep-alive",
    connections: 10,
    loop: { kind: "open", ratePerSecond: 10 },
  },
  {
    kind: "requests",
    name: "chunked stream of 5 s",
    path: "/stream?ms=5000",
    connection: "fresh",
    loop: { kind: "closed", workers: 10 },
    expect: { body: "the end" },
  },
  {
    kind: "requests",
    name: "20 MB upload over 3 s",
    path: "/upload",
    connection: "fresh",
    loop: { kind: "closed", workers: 3 },
    uploadBytes,
    uploadMs: 3000,
    expect: { body: `"bytes":${uploadBytes}` },
  },
  { kind: "events", name: "server-sent events", path: "/events", connections: 10 },
  { kind: "websocket", name: "websocket", path: "/ws", connections: 10, everyMs: 25, asks: "echo" },
];

test.skipIf(!existsSync(cwd))(
  "slow requests, streams, uploads, events and WebSockets survive 3 reloads",
  async () => {
    const result = await reloadUnderLoad({ run: [process.execPath, "http.cjs"], cwd, reloads: 3, lanes });
    expect(losses(result)).toEqual(noLosses);
    expect(result.forced).toBe(0);
    for (const lane of result.proof.lanes) expect([lane.lane, lane.answered > 5]).toEqual([lane.lane, true]);
    expect(result.proof.reopened).toBeGreaterThanOrEqual(3 * 10);
  },
);
