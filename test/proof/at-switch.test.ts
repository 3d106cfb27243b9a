import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { lastingLanes } from "../../src/cli/proof/load.ts";
import { sayAtSwitch, sayMissed } from "../../src/proof/at-switch.ts";
import { tryLane } from "../../src/proof/ask.ts";
import type { Lane, Load, RequestLane } from "../../src/proof/load.ts";
import { proofOf } from "../../src/proof/proof.ts";
import { type Prober, runProber } from "../../src/proof/prober.ts";
import type { AtSwitch } from "../../src/proof/result.ts";

const open = new Set<net.Socket>();
const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of open) socket.destroy();
  open.clear();
});

async function until(what: string, isTrue: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(isTrue(), what).toBe(true), { interval: 5, timeout: 5000 });
}

async function listen(server: net.Server): Promise<string> {
  servers.push(server);
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
}

/** Reads whole uploads, and then answers as the test says. */
function reading(answer: (response: http.ServerResponse) => void) {
  const state = { underWay: 0, begun: 0 };
  const server = http.createServer((request, response) => {
    state.begun++;
    state.underWay++;
    request.resume().once("end", () => {
      state.underWay--;
      answer(response);
    });
  });
  return { server, state };
}

const upload: RequestLane = {
  kind: "requests",
  name: "upload",
  path: "/upload",
  connection: "fresh",
  loop: { kind: "closed", workers: 2 },
  uploadBytes: 256 * 1024,
  uploadMs: 100,
  isLong: true,
};

function load(url: string, lanes: readonly Lane[]): Load {
  return { url, lanes, timeoutMs: 3000, version: { header: "x-release" }, maxLagMs: 10_000 };
}

function switchNow(prober: Prober): void {
  prober.switching();
  prober.switched();
}

test("uploads are begun so that at every moment one of them is under way", async () => {
  const { server, state } = reading((response) => response.end("ok"));
  const url = await listen(server);
  const config = { rate: 50, releaseHeader: "x-release", uploadPath: "/upload" };
  // Ten times as fast, the times in the same ratio.
  const lanes = lastingLanes(config).map((lane): Lane => {
    if (lane.kind !== "requests" || lane.loop.kind !== "open") throw new Error("an open loop of uploads");
    const ratePerSecond = 10 * lane.loop.ratePerSecond;
    return { ...lane, uploadMs: (lane.uploadMs ?? 0) / 10, loop: { kind: "open", ratePerSecond } };
  });
  const prober = runProber(load(url, lanes));
  await until("the first upload", () => state.underWay > 0);
  const seen: number[] = [];
  for (const end = performance.now() + 700; performance.now() < end;) {
    seen.push(state.underWay);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const { total } = await prober.stop();
  expect(Math.min(...seen)).toBeGreaterThan(0);
  expect([total.failed, total.sent >= 4]).toEqual([0, true]);
});

test.each<[string, (response: http.ServerResponse) => void, Partial<AtSwitch>]>([
  [
    "answered",
    (response) => response.setHeader("x-release", "v1").end("ok"),
    { answered: 2, answeredBy: { v1: 2 } },
  ],
  ["reset", (response) => response.socket?.resetAndDestroy(), { lost: 2, lostBy: { reset: 2 } }],
  ["closed", (response) => response.socket?.destroy(), { lost: 2, lostBy: { closed: 2 } }],
  [
    "truncated",
    (response) => response.socket?.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
    { lost: 2, lostBy: { truncated: 2 } },
  ],
  ["5xx", (response) => response.writeHead(503).end(), { lost: 2, lostBy: { "5xx": 2 } }],
])("two uploads under way at the switch and then %s are told as such", async (_, answer, expected) => {
  const { server, state } = reading(answer);
  const prober = runProber(load(await listen(server), [upload]));
  await until("both uploads", () => state.begun === 2);
  switchNow(prober);
  await until("the end of those begun later", () => state.begun >= 6);
  const { atSwitch } = await prober.stop();
  const none = { answered: 0, answeredBy: {}, ended: 0, reopened: 0, lost: 0, lostBy: {}, open: 0 };
  expect(atSwitch).toEqual([
    { lane: "upload", what: "upload", switches: 1, underWay: 2, ...none, ...expected },
  ]);
});

test("an upload that is answered before the switch is over shows nothing; one still under way in the end is told as open", async () => {
  const { server, state } = reading((response) => response.end("ok"));
  const prober = runProber(load(await listen(server), [upload]));
  await until("both uploads", () => state.begun === 2);
  prober.switching();
  await until("the next uploads", () => state.begun === 4);
  prober.switched();
  prober.switched();
  const { atSwitch: early } = prober.look();
  switchNow(prober);
  const { atSwitch: late, total } = await prober.stop();
  expect(early).toMatchObject([{ switches: 1, underWay: 0 }]);
  expect(late).toMatchObject([{ switches: 2, underWay: 2, open: 2, answered: 0, lost: 0 }]);
  expect(total.failed).toBe(0);
});

test("a stream that is cut at the switch is lost, one that ends is told to be open again, and one that goes on as open", async () => {
  const responses: http.ServerResponse[] = [];
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    responses.push(response);
  });
  const lane: Lane = { kind: "events", name: "stream", path: "/events", connections: 3 };
  const prober = runProber(load(await listen(server), [lane]));
  await until("three streams", () => responses.length === 3);
  switchNow(prober);
  responses[0]?.end();
  responses[1]?.socket?.destroy();
  await until("both again", () => responses.length === 5);
  await until("both are read", () => prober.look().atSwitch?.[0]?.reopened === 1);
  const { atSwitch } = await prober.stop();
  expect(atSwitch).toMatchObject([
    { what: "stream", underWay: 3, ended: 1, reopened: 1, lost: 1, lostBy: { truncated: 1 }, open: 1 },
  ]);
});

/** Answers pings, whose payload is short and masked. */
function answerPings(socket: net.Socket): void {
  socket.on("data", (frame: Buffer) => {
    if (frame[0] !== 0x89) return;
    const payload = frame.subarray(6).map((byte, i) => byte ^ (frame[2 + (i % 4)] ?? 0));
    socket.write(Buffer.concat([Buffer.from([0x8a, payload.length]), payload]));
  });
}

test("a WebSocket that is cut at the switch is lost, one that is closed is told to be open again, and one that goes on as open", async () => {
  const sockets: net.Socket[] = [];
  const server = http.createServer();
  server.on("upgrade", (_, socket: net.Socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    answerPings(socket);
    sockets.push(socket);
  });
  const lane: Lane = {
    kind: "websocket",
    name: "socket",
    path: "/",
    connections: 3,
    everyMs: 10,
    asks: "ping",
  };
  const prober = runProber(load(await listen(server), [lane]));
  await until("three WebSockets", () => sockets.length === 3 && prober.progress().sent > 6);
  switchNow(prober);
  sockets[0]?.end(Buffer.from([0x88, 2, 3, 0xe9]));
  sockets[1]?.destroy();
  await until("both again", () => prober.look().atSwitch?.[0]?.reopened === 1 && sockets.length === 5);
  const { atSwitch } = await prober.stop();
  expect(atSwitch).toMatchObject([
    { what: "websocket", underWay: 3, ended: 1, reopened: 1, lost: 1, lostBy: { closed: 1 }, open: 1 },
  ]);
});

/** Answers as soon as it has seen the head, and leaves the rest unread. */
function refusing(status: string): net.Server {
  return net.createServer((socket) => {
    socket.once("data", () => {
      socket.pause();
      socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, () =>
        socket.resetAndDestroy(),
      );
    });
  });
}

test.each([
  ["404 Not Found", "4xx"],
  ["413 Content Too Large", "4xx"],
  ["401 Unauthorized", "4xx"],
  ["503 Service Unavailable", "5xx"],
])(
  "an upload that is answered early with %s is told by that answer, whatever becomes of the connection",
  async (status, failure) => {
    const url = await listen(refusing(status));
    const prober = runProber(load(url, [{ ...upload, expect: { status: "2xx" } }]));
    await until("a few uploads", () => prober.progress().sent > 10);
    const { total, failures } = await prober.stop();
    expect(total.failedBy).toEqual({ [failure]: total.sent });
    expect(failures[0]?.detail).toMatch(
      new RegExp(`^status ${status.slice(0, 3)}, with \\d+ % of the upload sent$`),
    );
    expect(await tryLane({ ...upload, expect: { status: "2xx" } }, { url }, 2000)).toBe(
      `status ${status.slice(0, 3)}`,
    );
  },
);

test("a path that answers before it has read an upload is not fit for one, a path that reads all of it is", async () => {
  const early = await listen(refusing("200 OK"));
  const { server } = reading((response) => response.end("ok"));
  const expect2xx = { ...upload, expect: { status: "2xx" } } as const;
  expect(await tryLane(expect2xx, { url: early }, 2000)).toBe("status 200 before the upload had ended");
  expect(await tryLane(expect2xx, { url: await listen(server) }, 2000)).toBe(null);
});

test("what lasts is tried before: a path that answers as it should is fit, another is told why not", async () => {
  const server = http.createServer((request, response) => {
    if (request.url !== "/events") return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": "text/event-stream" }).write(":\n\n");
  });
  server.on("upgrade", (request, socket) => {
    const isKnown = request.url === "/socket";
    socket.end(
      isKnown
        ? "HTTP/1.1 101 Switching Protocols\r\n\r\n"
        : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    );
  });
  const url = await listen(server);
  const events = (path: string): Lane => ({ kind: "events", name: "stream", path, connections: 1 });
  const socket = (path: string): Lane => {
    return { kind: "websocket", name: "socket", path, connections: 1, everyMs: 50, asks: "ping" };
  };
  const lanes = [events("/events"), events("/no"), socket("/socket"), socket("/no")];
  const told = await Promise.all(lanes.map((lane) => tryLane(lane, { url }, 2000)));
  expect(told).toEqual([null, "status 404", null, "status 404"]);
});

const none: AtSwitch = {
  lane: "upload",
  what: "upload",
  switches: 1,
  underWay: 0,
  answered: 0,
  answeredBy: {},
  ended: 0,
  reopened: 0,
  lost: 0,
  lostBy: {},
  open: 0,
};

test.each<[string, Partial<AtSwitch>]>([
  ["1 upload, answered by v1", { underWay: 1, answered: 1, answeredBy: { v1: 1 } }],
  ["2 uploads, both answered", { underWay: 2, answered: 2 }],
  ["3 uploads, all 3 lost (reset)", { underWay: 3, lost: 3, lostBy: { reset: 3 } }],
  [
    "4 uploads, 1 answered by v1, 1 answered, 1 lost (closed), 1 still open when the measuring ended",
    { underWay: 4, answered: 2, answeredBy: { v1: 1 }, lost: 1, lostBy: { closed: 1 }, open: 1 },
  ],
  ["1 stream, ended cleanly and opened again", { what: "stream", underWay: 1, ended: 1, reopened: 1 }],
  ["2 WebSockets, both closed cleanly", { what: "websocket", underWay: 2, ended: 2, reopened: 1 }],
])("what was under way reads: %s", (said, figures) => {
  expect(sayAtSwitch([none, { ...none, ...figures }])).toBe(`Under way at the switch: ${said}.`);
});

test("a deployment that switches more than once says so", () => {
  const [met, missed] = [1, 0].map((underWay) => ({ ...none, switches: 4, underWay, answered: underWay }));
  expect(sayAtSwitch(met === undefined ? [] : [met])).toBe(
    "Under way at one of 4 switches: 1 upload, answered.",
  );
  expect(sayMissed(missed === undefined ? [] : [missed])).toMatch(
    /^No upload was under way at any of 4 switches, so/,
  );
});

test("what was to be under way and was not keeps the proof from being one, and is told", async () => {
  const { server } = reading((response) => response.end("ok"));
  const url = await listen(server);
  const lane: Lane = {
    kind: "requests",
    name: "kept",
    connection: "fresh",
    loop: { kind: "closed", workers: 1 },
  };
  const prober = runProber(load(url, [lane]));
  await until("an answer before", () => prober.progress().sent > 2);
  prober.begin("deployment");
  await until("an answer in it", () => prober.progress().sent > 6);
  prober.end();
  const after = prober.progress().sent;
  await until("an answer after", () => prober.progress().sent > after + 2);
  const result = await prober.stop();
  const about = { deployment: "1", url, serves: null, isEnded: true, balancer: null, maxLagMs: 10_000 };
  const unfit = ["Uploads were not measured: they were answered with status 404."];
  const missed = { ...result, atSwitch: [none, { ...none, what: "stream" as const }] };
  expect(proofOf(result, about).verdict).toBe("holds");
  expect(proofOf({ ...result, atSwitch: [{ ...none, underWay: 1, answered: 1 }] }, about)).toMatchObject({
    verdict: "holds",
    reasons: [expect.any(String), "Under way at the switch: 1 upload, answered."],
  });
  expect(proofOf(missed, about)).toMatchObject({
    verdict: "inconclusive",
    reasons: [sayMissed(missed.atSwitch), expect.any(String)],
  });
  expect(sayMissed(missed.atSwitch)).toBe(
    "No upload and no stream was under way at the switch, so nothing is shown of uploads and streams.",
  );
  expect(proofOf(result, { ...about, unfit })).toMatchObject({
    verdict: "inconclusive",
    reasons: [unfit[0], expect.any(String)],
  });
});
