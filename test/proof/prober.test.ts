import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { expect, test, vi } from "vitest";
import { classifyError } from "../../src/proof/failure.ts";
import type { Lane, Load } from "../../src/proof/load.ts";
import { runProber } from "../../src/proof/prober.ts";
import type { ProofResult } from "../../src/proof/result.ts";

/** Answers of a small HTTP server, over a raw socket, so that each can be wrong in its own way. */
const good =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"version":"v1"}';

type OnRequest = (socket: net.Socket, count: number) => void;

async function withServer(onRequest: OnRequest, use: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<net.Socket>();
  let count = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", () => onRequest(socket, ++count));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(portOf(server));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}

function load(port: number, lanes: readonly Lane[], more: Partial<Load> = {}): Load {
  return {
    url: `http://127.0.0.1:${port}/`,
    lanes,
    timeoutMs: 300,
    version: { field: "version" },
    maxLagMs: 10_000,
    ...more,
  };
}

const keepAlive: Lane = {
  kind: "requests",
  name: "keep-alive",
  connection: "keep-alive",
  connections: 4,
  loop: { kind: "open", ratePerSecond: 200 },
};
const fresh: Lane = { ...keepAlive, name: "fresh", connection: "fresh" };

async function prove(load: Load, ms = 150): Promise<ProofResult> {
  const prober = runProber(load);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return await prober.stop();
}

function until(what: string, holds: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(holds(), what).toBe(true), { timeout: 5000, interval: 5 });
}

test("a healthy server loses nothing, and its versions are told", async () => {
  await withServer(
    (socket) => socket.write(good),
    async (port) => {
      const result = await prove(load(port, [keepAlive, fresh]));
      expect(result).toMatchObject({ verdict: "held", total: { failed: 0 }, resolutionMs: 5 });
      expect(result.total.sent).toBeGreaterThan(40);
      expect(result.versions.map(({ version }) => version)).toEqual(["v1"]);
    },
  );
});

test("what was seen so far is told while it goes on, and counts in the end as if nobody had looked", async () => {
  await withServer(
    (socket) => socket.write(good),
    async (port) => {
      const prober = runProber(load(port, [keepAlive]));
      await new Promise((resolve) => setTimeout(resolve, 100));
      prober.begin("deployment");
      await new Promise((resolve) => setTimeout(resolve, 100));
      const early = prober.look();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const late = prober.look();
      prober.end();
      const { windows, total, startedAt } = await prober.stop();
      const during = windows[0]?.during.sent ?? 0;
      const seen = [early, late].map((look) => look.windows[0]?.during.sent ?? 0);
      expect(seen[0]).toBeGreaterThan(0);
      expect(seen[1]).toBeGreaterThan(seen[0] ?? 0);
      expect(during).toBeGreaterThanOrEqual(seen[1] ?? 0);
      expect(early).toMatchObject({ startedAt, total: { failed: 0 } });
      expect(total.sent).toBeGreaterThan(during);
    },
  );
});

test("what was asked after the end and is answered late or never counts there, once the run is over", async () => {
  let isDone = false;
  let early = 0;
  let seen = 0;
  await withServer(
    (socket) => {
      if (!isDone) socket.write(good, () => early++);
      else if (++seen % 2 === 0) setTimeout(() => socket.write(good), 120);
    },
    async (port) => {
      const prober = runProber(load(port, [fresh]));
      prober.begin("deployment");
      await until("some are answered", () => early > 5);
      prober.end();
      await prober.settle();
      const before = early;
      await until("one that was due later is answered", () => early > before + 3);
      isDone = true;
      await until("some are not", () => seen > 10);
      const [window] = (await prober.stop()).windows;
      expect(window?.during.failed).toBe(0);
      expect(window?.after.failedBy).toEqual({ timeout: Math.ceil(seen / 2) });
      expect(window?.after.answered).toBeGreaterThanOrEqual(Math.floor(seen / 2));
    },
  );
});

test("a slow service has answered what it was asked before a window begins, when that is waited for", async () => {
  let seen = 0;
  await withServer(
    (socket, count) => {
      seen = count;
      setTimeout(() => socket.write(good), 150);
    },
    async (port) => {
      const prober = runProber(load(port, [fresh, keepAlive], { timeoutMs: 5000 }));
      await until("some are asked", () => seen > 10);
      await prober.settle();
      prober.begin("deployment");
      const { windows } = await prober.stop();
      expect(windows[0]?.before.answered).toBeGreaterThanOrEqual(10);
    },
  );
});

test("of requests that last on purpose the end waits for those that were sent, not for those still being sent", async () => {
  await withServer(
    () => {},
    async (port) => {
      const slow = (headMs: number): Lane => ({ ...fresh, name: `${headMs}`, headMs, isLong: true });
      const { lanes } = await prove(load(port, [slow(60), slow(5000)], { timeoutMs: 250 }), 150);
      expect(lanes.map(({ sent, failedBy }) => [sent > 5, failedBy.timeout === sent])).toEqual([
        [true, true],
        [false, false],
      ]);
    },
  );
});

test("a name is asked for at another host than its own, whatever the lane", async () => {
  await withServer(
    (socket) => socket.write(good),
    async (port) => {
      const lanes: readonly Lane[] = [
        keepAlive,
        fresh,
        { kind: "events", name: "events", path: "/events", connections: 1 },
        { kind: "websocket", name: "socket", path: "/socket", connections: 1, everyMs: 50, asks: "ping" },
      ];
      const url = `http://shop.invalid:${port}/`;
      const own = lanes.map((lane) => (lane.kind === "requests" ? { ...lane, url, at: "127.0.0.1" } : lane));
      const { failures } = await prove(load(port, [...lanes, ...own], { url, at: "127.0.0.1" }));
      // The server speaks no WebSocket.
      expect([...new Set(failures.map(({ failure }) => failure))]).toEqual(["wrong-answer"]);
    },
  );
});

test.each<[string, OnRequest]>([
  ["closed", (socket) => socket.end()],
  ["reset", (socket) => socket.resetAndDestroy()],
  ["truncated", (socket) => socket.end(good.slice(0, -5))],
  ["timeout", () => {}],
  ["5xx", (socket) => socket.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")],
  ["4xx", (socket) => socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")],
  ["wrong-answer", (socket) => socket.write("HTTP/1.1 204 No Content\r\n\r\n")],
  ["wrong-answer", (socket) => socket.write("220 smtp.example.com\r\n\r\n")],
])("every single request that ends as %s is counted", async (failure, misbehave) => {
  let seen = 0;
  let bad = 0;
  await withServer(
    (socket) => {
      seen++;
      if (seen % 5 !== 0) return socket.write(good);
      bad++;
      return misbehave(socket, seen);
    },
    async (port) => {
      const result = await prove(load(port, [keepAlive]));
      expect(bad).toBeGreaterThan(3);
      expect(result).toMatchObject({ verdict: "lost", total: { sent: seen, failed: bad } });
      expect(result.total.failedBy).toEqual({ [failure]: bad });
    },
  );
});

test("a server that closes every connection without an answer is never asked twice for one request", async () => {
  let seen = 0;
  await withServer(
    (socket) => {
      seen++;
      socket.end();
    },
    async (port) => {
      const closed: Lane = { ...keepAlive, name: "closed loop", loop: { kind: "closed", workers: 3 } };
      const result = await prove(load(port, [closed, fresh]));
      expect(result.total).toMatchObject({ sent: seen, failed: seen, answered: 0 });
    },
  );
});

test("an idle connection that the server ends is not a loss", async () => {
  let ended = 0;
  await withServer(
    (socket) => {
      socket.write(good);
      ended++;
      setTimeout(() => socket.end(), 5);
    },
    async (port) => {
      const slow: Lane = { ...keepAlive, loop: { kind: "open", ratePerSecond: 20 }, connections: 1 };
      const result = await prove(load(port, [slow]));
      expect(ended).toBeGreaterThan(1);
      expect(result.total.failed).toBe(0);
    },
  );
});

test("a port that nobody listens on is refused, request by request", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  const { total } = await prove(load(port, [fresh]));
  expect(total.failedBy).toEqual({ refused: total.sent });
  expect(total.longestGapMs).toBeGreaterThan(100);
});

test("an outage of 40 ms shows at 100 requests a second", async () => {
  let server = http.createServer((_, response) => response.end('{"version":"v1"}'));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  const prober = runProber(load(port, [{ ...fresh, loop: { kind: "open", ratePerSecond: 100 } }]));
  await new Promise((resolve) => setTimeout(resolve, 200));
  prober.begin("outage");
  await new Promise((resolve) => server.close(resolve));
  await new Promise((resolve) => setTimeout(resolve, 40));
  server = http.createServer((_, response) => response.end('{"version":"v2"}')).listen(port, "127.0.0.1");
  await once(server, "listening");
  prober.end();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const result = await prober.stop();
  server.close();
  expect(result.verdict).toBe("lost");
  expect(result.windows[0]?.during.failedBy.refused).toBeGreaterThanOrEqual(3);
  expect(result.windows[0]?.before.failed).toBe(0);
  expect(result.windows[0]?.versionsAfter).toEqual(["v2"]);
  expect(result.total.longestGapMs).toBeGreaterThanOrEqual(35);
});

test("latency counts from the time a request was due, so that a stall is not forgotten", async () => {
  let isStalled = true;
  const waiting: net.Socket[] = [];
  await withServer(
    (socket) => (isStalled ? waiting.push(socket) : socket.write(good)),
    async (port) => {
      setTimeout(() => {
        isStalled = false;
        for (const socket of waiting) socket.write(good);
      }, 150);
      const result = await prove(load(port, [keepAlive]), 250);
      expect(result.total.failed).toBe(0);
      expect(result.total.maxMs).toBeGreaterThan(140);
      expect(waiting.length).toBeGreaterThan(20);
    },
  );
});

test("a starved prober does not call its run a proof", async () => {
  await withServer(
    (socket) => socket.write(good),
    async (port) => {
      const prober = runProber(load(port, [keepAlive], { maxLagMs: 20 }));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const until = performance.now() + 150;
      while (performance.now() < until);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await prober.stop()).toMatchObject({ verdict: "inconclusive", total: { failed: 0 } });
    },
  );
});

/** This process, and the prober in it, do not run for so long. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a prober that did not run calls nothing lost that was due or under way then, but what is lost later", async () => {
  let isLost = false;
  await withServer(
    (socket) => {
      if (!isLost) setTimeout(() => socket.write(good), 40);
    },
    async (port) => {
      const lanes: readonly Lane[] = [keepAlive, { ...fresh, loop: { kind: "open", ratePerSecond: 20 } }];
      const prober = runProber(load(port, lanes, { timeoutMs: 200, maxLagMs: 20 }));
      prober.begin("deployment");
      await until("some are answered", () => prober.progress().sent > 20);
      stall(1500);
      const before = prober.progress().sent;
      await until("more are answered", () => prober.progress().sent > before + 50);
      const early = prober.look();
      expect(early).toMatchObject({ verdict: "inconclusive", total: { failed: 0 } });
      isLost = true;
      await until("some are lost", () => prober.progress().failed > 5);
      expect((await prober.stop()).verdict).toBe("lost");
    },
  );
});

test("a server that closes on a prober which did not run has not lost anything", async () => {
  const held: net.Socket[] = [];
  let isOver = false;
  await withServer(
    (socket) => {
      if (isOver) socket.write(good);
      else held.push(socket);
    },
    async (port) => {
      const prober = runProber(load(port, [fresh], { timeoutMs: 3000 }));
      await until("some are under way", () => held.length > 3);
      const count = held.length;
      stall(1300);
      isOver = true;
      for (const socket of held) socket.end();
      await until("others are answered", () => prober.progress().sent > 100);
      const { verdict, total } = await prober.stop();
      expect([verdict, total.failed, total.ownFaults]).toEqual(["inconclusive", 0, { stalled: count }]);
    },
  );
});

test.each(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"])("%s is the prober's own", (code) => {
  const error = Object.assign(new Error(`connect ${code} 127.0.0.1:80 - Local (undefined:undefined)`), {
    code,
  });
  expect(classifyError(error, false, 0)).toBe("prober");
});

test("a stream may be silent between two heartbeats, longer than an answer may take, but not for ever", async () => {
  const events = { kind: "events", name: "events", path: "/events", connections: 1 } as const;
  const silent = (silenceMs?: number): Promise<ProofResult["total"]> =>
    new Promise((resolve, reject) => {
      withServer(
        (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n"),
        async (port) => {
          const asked = load(port, [{ ...events, silenceMs }], { timeoutMs: 100 });
          resolve((await prove(asked, 600)).total);
        },
      ).catch(reject);
    });
  expect([await silent(), await silent(200)]).toMatchObject([
    { failed: 0 },
    { failedBy: { timeout: expect.any(Number) } },
  ]);
});

test("a WebSocket that is cut while an answer is out is one loss", async () => {
  const websocket = { kind: "websocket", name: "websocket", path: "/ws", connections: 1 } as const;
  let cuts = 0;
  await withServer(
    (socket) => {
      const isOpening = socket.bytesRead > 0 && socket.bytesWritten === 0;
      if (isOpening) socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
      else {
        cuts++;
        socket.destroy();
      }
    },
    async (port) => {
      const { total } = await prove(load(port, [{ ...websocket, everyMs: 5, asks: "echo" }]), 200);
      expect(cuts).toBeGreaterThan(2);
      expect(total).toMatchObject({ sent: cuts, failed: cuts });
    },
  );
});

test("a server that says goodbye to a WebSocket and is gone at once takes nobody along", async () => {
  const lane = {
    kind: "websocket",
    name: "socket",
    path: "/",
    connections: 1,
    everyMs: 10,
    asks: "ping",
  } as const;
  let goodbyes = 0;
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
      socket.once("data", (ping: Buffer) => {
        goodbyes++;
        const payload = ping.subarray(6).map((byte, i) => byte ^ (ping[2 + (i % 4)] ?? 0));
        socket.write(Buffer.from([0x8a, payload.length, ...payload, 0x88, 2, 3, 0xe9]));
        // With what the client says to that still unread.
        socket.pause();
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const prober = runProber(load(portOf(server), [lane]));
  await until("three goodbyes", () => goodbyes >= 3);
  expect((await prober.stop()).lanes.map(({ lane: name }) => name)).toEqual(["socket"]);
  server.close();
});
