import crypto from "node:crypto";
import net from "node:net";
import { describe, expect, test } from "vitest";
import { connect, request, type Connection } from "./client.ts";
import { openPort, startInstance, until, type Instance } from "./instance.ts";

/** A program whose server answers by `answer`, a function body of (request, response); its gate is open. */
async function serve(answer: string, more = ""): Promise<{ instance: Instance; port: number }> {
  const port = openPort();
  const program = `
const server = require("node:http").createServer((request, response) => {${answer}});
server.listen(Number(process.env.PORT));
process.on("SIGTERM", () => server.close((error) => { console.log("closed " + (error ?? "well")); process.exit(0); }));
${more}`;
  const instance = startInstance([port], { gate: "open", files: { "app.cjs": program } });
  await instance.claimed();
  return { instance, port: port.port };
}

async function elapsed(since: number, until: Promise<unknown>): Promise<number> {
  await until;
  return performance.now() - since;
}

function ended(connection: Connection): Promise<void> {
  return until(() => connection.isEnded(), "the connection ended");
}

test("answers in flight and later ones announce the end, and the server closes without an error", async () => {
  const { instance, port } = await serve(`setTimeout(() => response.end("done"), 300);`);
  const [busy, later] = [connect(port), connect(port)];
  await later.ask(request("/"));
  const answer = busy.ask(request("/"));
  await until(async () => (await instance.ask({ do: "status" })).inFlight === 1, "in flight");
  expect(await instance.ask({ do: "drain", deadlineMs: 5000 })).toMatchObject({
    gate: "draining",
    inFlight: 1,
    connections: 2,
    drained: false,
  });
  const last = later.ask(request("/"));
  expect(await answer).toMatchObject({ body: "done", isLast: true });
  expect(await last).toMatchObject({ body: "done", isLast: true });
  expect(await instance.drained()).toMatchObject({ inFlight: 0, connections: 0 });
  instance.child.kill("SIGTERM");
  expect(await instance.exited()).toBe(0);
  expect(instance.output()).toContain("closed well");
});

describe("whatever a program says about the connection, its end is announced", () => {
  const answers: Record<string, string> = {
    "setHeader keep-alive": `response.setHeader("Connection", "keep-alive"); response.end("x");`,
    removeHeader: `response.removeHeader("connection"); response.end("x");`,
    "writeHead with an object": `response.writeHead(200, { connection: "keep-alive", "X-A": "1" }); response.end("x");`,
    "writeHead with a flat list": `response.writeHead(200, ["Connection", "keep-alive", "X-A", "1"]); response.end("x");`,
    "writeHead with pairs": `response.writeHead(200, [["Connection", "keep-alive"], ["X-A", "1"]]); response.end("x");`,
    "setHeader and writeHead": `response.setHeader("X-A", "1"); response.writeHead(200, { Connection: "keep-alive" }); response.end("x");`,
  };
  for (const [way, answer] of Object.entries(answers)) {
    test(way, async () => {
      const { instance, port } = await serve(answer);
      const client = connect(port);
      const before = await client.ask(request("/"));
      await instance.ask({ do: "park" });
      const parked = await client.ask(request("/"));
      expect(parked.isLast).toBe(true);
      expect(parked.headers).not.toMatch(/connection: keep-alive/i);
      if (/X-A: 1/.test(before.headers)) expect(parked.headers).toContain("X-A: 1");
      await ended(client);
    });
  }
});

test("an idle connection lives as long as it was told, an unused one a while, and the deadline ends both", async () => {
  const answer = `response.end("x");`;
  const told = await serve(answer, "server.keepAliveTimeout = 1500;");
  const idle = connect(told.port);
  await idle.ask(request("/"));
  const since = performance.now();
  await told.instance.ask({ do: "drain", deadlineMs: 10_000 });
  expect(await elapsed(since, ended(idle))).toBeGreaterThan(1300);
  await told.instance.drained();

  const long = await serve(answer, "server.keepAliveTimeout = 72_000;");
  const clients = [connect(long.port), connect(long.port)];
  await clients[0]?.ask(request("/"));
  await until(async () => (await long.instance.ask({ do: "status" })).connections === 2, "two connections");
  const start = performance.now();
  await long.instance.ask({ do: "drain", deadlineMs: 2000 });
  const took = await elapsed(start, Promise.all(clients.map(ended)));
  expect(took).toBeGreaterThan(900);
  expect(took).toBeLessThan(8000);
  await long.instance.drained();
});

test("a request on an unused connection is answered while draining", async () => {
  const { instance, port } = await serve(`response.end("x");`);
  const client = connect(port);
  await until(async () => (await instance.ask({ do: "status" })).connections === 1, "connected");
  expect(await instance.ask({ do: "drain", deadlineMs: 10_000 })).toMatchObject({
    inFlight: 0,
    connections: 1,
  });
  expect(await client.ask(request("/"))).toMatchObject({ body: "x", isLast: true });
  await instance.drained();
});

test("a half-sent request counts as in flight, and its rest is read", async () => {
  const { instance, port } = await serve(
    `let size = 0; request.on("data", (data) => (size += data.length)).on("end", () => response.end(String(size)));`,
  );
  const [headers, body] = [connect(port), connect(port)];
  headers.socket.write("GET / HTTP/1.1\r\nHost: ");
  body.socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
  await until(async () => (await instance.ask({ do: "status" })).inFlight === 2, "two half requests");
  await instance.ask({ do: "drain", deadlineMs: 10_000 });
  expect(await headers.ask("localhost\r\n\r\n")).toMatchObject({ body: "0", isLast: true });
  expect(await body.ask("def")).toMatchObject({ body: "6", isLast: true });
  await instance.drained();
});

test("a browser's event source ends at once and whole, any other stream runs to its end", async () => {
  const { instance, port } = await serve(`
    const isEndless = request.method === "GET" && request.url === "/events";
    response.writeHead(200, { "Content-Type": request.url === "/events" ? "text/event-stream" : "text/plain" });
    let count = 0;
    const timer = setInterval(() => {
      response.write(isEndless ? "data: " + count + "\\n\\n" : String(count));
      if (++count === 8) { clearInterval(timer); response.end(); }
    }, 100);`);
  const [events, posted, stream] = [connect(port), connect(port), connect(port)];
  const accept = "Host: localhost\r\nAccept: text/event-stream\r\n";
  const eventSource = events.ask(`GET /events HTTP/1.1\r\n${accept}\r\n`);
  // Answers of language models come so, to clients that do not connect again.
  const answer = posted.ask(`POST /events HTTP/1.1\r\n${accept}Content-Length: 0\r\n\r\n`);
  const plain = stream.ask(request("/stream"));
  await until(() => events.received().includes("data: 0"), "events");
  await instance.ask({ do: "drain", deadlineMs: 10_000 });
  expect((await eventSource).body).toMatch(/^(data: \d+\n\n){1,7}$/);
  expect((await answer).body).toBe("01234567");
  expect((await plain).body).toBe("01234567");
  [events, posted, stream].forEach((client) => client.leave());
  // The program wrote to the ended stream all the time, and lives.
  await instance.drained();
  expect(instance.output()).toBe("");
});

describe("WebSockets are told that the server goes away", () => {
  const handshake = (): string =>
    `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${crypto.randomBytes(16).toString("base64")}\r\n\r\n`;
  const goingAway = "\u0088\u0002\u0003\u00e9";

  test("by a close frame with 1001, and the connection ends when they answer", async () => {
    const port = openPort();
    const instance = startInstance([port], { gate: "open", run: "node websocket.cjs" });
    await instance.claimed();
    const client = connect(port.port);
    expect((await client.ask(handshake())).status).toBe(101);
    await until(async () => (await instance.ask({ do: "status" })).inFlight === 1, "upgraded");
    // A masked text frame "hi"; the echo is not masked.
    client.socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    await until(() => client.received().endsWith("\u0081\u0002hi"), "echo");
    await instance.ask({ do: "drain", deadlineMs: 10_000 });
    await until(() => client.received().includes(goingAway), "close frame");
    client.socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]));
    await ended(client);
    await instance.drained();
    await instance.printed("socket closed 1001");
  });

  test("and let go when they do not answer", async () => {
    const port = openPort();
    const instance = startInstance([port], { gate: "open", run: "node websocket.cjs" });
    await instance.claimed();
    const client = connect(port.port);
    await client.ask(handshake());
    const since = performance.now();
    await instance.ask({ do: "drain", deadlineMs: 10_000 });
    expect(await elapsed(since, ended(client))).toBeLessThan(8000);
    client.leave();
    await instance.drained();
  });
});

test("a raw TCP server keeps its connections until they end or the deadline comes", async () => {
  const port = openPort();
  const program = `require("node:net").createServer((socket) => socket.pipe(socket)).listen(Number(process.env.PORT));`;
  const instance = startInstance([port], { gate: "open", files: { "app.cjs": program } });
  await instance.claimed();
  expect(await instance.ask({ do: "status" })).toMatchObject({ http: false });
  const [short, long] = [net.connect(port.port), net.connect(port.port)];
  const echo = async (socket: net.Socket, text: string): Promise<void> => {
    const echoed = new Promise<Buffer>((resolve) => socket.once("data", resolve));
    socket.write(text);
    expect(String(await echoed)).toBe(text);
  };
  await Promise.all([echo(short, "a"), echo(long, "b")]);
  const over = new Promise((resolve) => long.once("end", resolve));
  const since = performance.now();
  expect(await instance.ask({ do: "drain", deadlineMs: 2000 })).toMatchObject({
    inFlight: 2,
    connections: 2,
  });
  await echo(short, "c");
  short.end();
  expect(await elapsed(since, over)).toBeGreaterThan(900);
  long.end();
  await instance.drained();
});

test("what is still open at the deadline is left to be broken, and stays counted", async () => {
  const { instance, port } = await serve(`response.write("part");`);
  const client = connect(port);
  const answer = client.ask(request("/"));
  await until(() => client.received().includes("part"), "part");
  await instance.ask({ do: "drain", deadlineMs: 1200 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await instance.ask({ do: "status" })).toMatchObject({ inFlight: 1, connections: 1, drained: false });
  instance.child.kill("SIGKILL");
  await expect(answer).rejects.toThrow("ended inside an answer");
});

test("a parked program that opens again keeps connections open as before", async () => {
  const { instance, port } = await serve(`response.end("x");`);
  await instance.ask({ do: "park" });
  await instance.ask({ do: "open" });
  const client = connect(port);
  expect((await client.ask(request("/"))).isLast).toBe(false);
  expect((await client.ask(request("/"))).isLast).toBe(false);
  client.leave();
});

test("a drain that comes again moves the deadline", async () => {
  const { instance, port } = await serve(`response.end("x");`, "server.keepAliveTimeout = 72_000;");
  const client = connect(port);
  await client.ask(request("/"));
  await instance.ask({ do: "drain", deadlineMs: 60_000 });
  await instance.ask({ do: "drain", deadlineMs: 1100 });
  await ended(client);
  await instance.drained();
});
