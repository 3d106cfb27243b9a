import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { expect, test } from "vitest";
import { fixtures, openPort, startInstance, until, type Instance } from "./instance.ts";

const files = {
  KEY: path.join(fixtures, "localhost-key.pem"),
  CERT: path.join(fixtures, "localhost-cert.pem"),
};

/** A TLS server by `create`, an expression over `options` and `answer`; its gate is open. */
async function serve(create: string): Promise<{ instance: Instance; port: number }> {
  const port = openPort();
  const program = `
const fs = require("node:fs");
const options = { key: fs.readFileSync(process.env.KEY), cert: fs.readFileSync(process.env.CERT), allowHTTP1: true };
const answer = (request, response) => {
  const body = request.socket.remoteAddress + " " + request.socket.encrypted;
  setTimeout(() => response.end(body), request.url === "/slow" ? 500 : 0);
};
const server = ${create};
server.listen(Number(process.env.PORT));
process.on("SIGTERM", () => server.close(() => process.exit(0)));`;
  const instance = startInstance([port], { gate: "open", env: files, files: { "app.cjs": program } });
  await instance.claimed();
  return { instance, port: port.port };
}

interface Got {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: string;
}

function get(options: https.RequestOptions): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = https.get({ ...options, rejectUnauthorized: false }, (response) => {
      let body = "";
      response.on("data", (data) => (body += String(data)));
      response.on("end", () => {
        resolve({ status: response.statusCode, connection: response.headers.connection, body });
      });
    });
    request.on("error", reject);
  });
}

test("https: the probe's handshake, the announcement, the drain", async () => {
  const { instance, port } = await serve(`require("node:https").createServer(options, answer)`);
  const socketPath = await instance.probe();
  expect(await get({ socketPath, agent: false })).toMatchObject({ status: 200, body: "127.0.0.1 true" });
  expect(await instance.ask({ do: "status" })).toMatchObject({
    tls: true,
    http: true,
    connections: 0,
    inFlight: 0,
  });
  const agent = new https.Agent({ keepAlive: true });
  expect((await get({ port, agent })).connection).toBe("keep-alive");
  const slow = get({ port, path: "/slow", agent });
  await until(async () => (await instance.ask({ do: "status" })).inFlight === 1, "in flight");
  const unused = tls.connect({ port, rejectUnauthorized: false });
  await until(async () => (await instance.ask({ do: "status" })).connections === 2, "two connections");
  await instance.ask({ do: "drain", deadlineMs: 10_000 });
  expect(await slow).toMatchObject({ status: 200, connection: "close" });
  expect(await get({ socketPath, agent: false })).toMatchObject({ status: 200 });
  expect(await instance.ask({ do: "status" })).toMatchObject({ connections: 1, inFlight: 0, drained: false });
  unused.end();
  await instance.drained();
  instance.child.kill("SIGTERM");
  expect(await instance.exited()).toBe(0);
});

test("a WebSocket over TLS gets its close frame", async () => {
  const port = openPort();
  const instance = startInstance([port], { gate: "open", env: files, run: "node websocket.cjs" });
  await instance.claimed();
  const socket = tls.connect({ port: port.port, rejectUnauthorized: false });
  let received = "";
  socket.on("data", (data) => (received += data.toString("latin1")));
  socket.write(
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await until(() => received.includes("\r\n\r\n"), "upgraded");
  expect(await instance.ask({ do: "status" })).toMatchObject({ inFlight: 1, connections: 1 });
  await instance.ask({ do: "drain", deadlineMs: 10_000 });
  await until(() => received.includes("\u0088\u0002\u0003\u00e9"), "close frame");
  socket.end();
  await instance.drained();
});

const sessions: Record<string, string> = {
  "over TLS": `require("node:http2").createSecureServer(options, answer)`,
  "without TLS": `require("node:http2").createServer(answer)`,
};
for (const [way, create] of Object.entries(sessions)) {
  test(`HTTP/2 ${way}: streams that had begun are answered, and the session is told to go`, async () => {
    const { instance, port } = await serve(create);
    const scheme = way === "over TLS" ? "https" : "http";
    const session = http2.connect(`${scheme}://localhost:${port}`, { rejectUnauthorized: false });
    let hasGoaway = false;
    session.on("goaway", () => (hasGoaway = true));
    const closed = new Promise((resolve) => session.once("close", resolve));
    const stream = (requested: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let body = "";
        const request = session.request({ ":path": requested });
        request.on("data", (data) => (body += String(data)));
        request.on("end", () => resolve(body)).on("error", reject);
      });
    expect(await stream("/")).toContain("127.0.0.1");
    const slow = stream("/slow");
    await until(async () => (await instance.ask({ do: "status" })).inFlight === 1, "in flight");
    expect(await instance.ask({ do: "drain", deadlineMs: 10_000 })).toMatchObject({
      inFlight: 1,
      connections: 1,
    });
    expect(await slow).toContain("127.0.0.1");
    await closed;
    expect(hasGoaway).toBe(true);
    await instance.drained();
  });
}

test("a server of both HTTP versions answers the probe's HTTP/1.1", async () => {
  const { instance } = await serve(`require("node:http2").createSecureServer(options, answer)`);
  expect(await get({ socketPath: await instance.probe(), agent: false })).toMatchObject({ status: 200 });
});

test("a connection in the middle of its handshake is awaited", async () => {
  const { instance, port } = await serve(`require("node:https").createServer(options, answer)`);
  const raw = net.connect(port);
  await until(async () => (await instance.ask({ do: "status" })).connections === 1, "connected");
  expect(await instance.ask({ do: "drain", deadlineMs: 10_000 })).toMatchObject({ drained: false });
  const secured = tls.connect({ socket: raw, rejectUnauthorized: false });
  secured.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  let received = "";
  secured.on("data", (data) => (received += String(data)));
  await until(() => received.includes("true"), "answered");
  expect(received).toMatch(/connection: close/i);
  await instance.drained();
});
