import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portHolder } from "../../../src/process/supervisor/port-holder.ts";
import { descendants, isAlive, startTime } from "../../../src/process/supervisor/proc.ts";
import { listen } from "./listen.ts";
import { until } from "./until.ts";

const main = resolve(import.meta.dirname, "../../../dist/process/relay/main.js");
const program = resolve(import.meta.dirname, "../../fixtures/relay/program.mjs");

interface Relay {
  readonly port: number;
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

const relays: Relay[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function start(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  flags: readonly string[] = [],
): Promise<Relay> {
  const port = await freePort();
  const child = spawn(process.execPath, [main, "--port", String(port), ...flags, ...words], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const exit = once(child, "exit").then(([code]) => (typeof code === "number" ? code : null));
  const relay = { port, child, output: () => output, exit };
  relays.push(relay);
  return relay;
}

async function startProgram(env: NodeJS.ProcessEnv = {}): Promise<Relay> {
  const relay = await start(["--", process.execPath, program], env);
  await until(() => portHolder(relay.port) !== null);
  return relay;
}

afterAll(() => {
  for (const { child } of relays) {
    for (const pid of [child.pid ?? NaN, ...descendants(child.pid ?? NaN)]) {
      try {
        if (child.exitCode === null && child.signalCode === null) process.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
  }
});

interface Answer {
  readonly status: number;
  readonly message: IncomingMessage;
  readonly body: string;
}

async function ask(
  port: number,
  path: string,
  options: RequestOptions = {},
  send: (outgoing: ClientRequest) => void = (outgoing) => outgoing.end(),
): Promise<Answer> {
  const outgoing = request({ port, path, agent: false, ...options });
  send(outgoing);
  const message = await new Promise<IncomingMessage>((answered, failed) => {
    outgoing.once("response", answered).once("error", failed);
  });
  return { status: message.statusCode ?? 0, message, body: await readAll(message) };
}

/** What the program says of itself, in JSON. */
interface Told {
  readonly rawHeaders: readonly string[];
  readonly url: string;
  readonly socket: number;
  readonly aborted: number;
  readonly stale: number;
  readonly posts: number;
}

function parse(text: string): Told {
  const told: Told = JSON.parse(text);
  return told;
}

async function told(port: number, path: "/echo" | "/seen"): Promise<Told> {
  return parse((await ask(port, path)).body);
}

/** Sends text on a connection of its own and gives all that comes until it closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write(text);
  return readAll(socket);
}

describe("HTTP through the relay", () => {
  let relay: Relay;
  beforeAll(async () => {
    relay = await startProgram({ CUTOVER_LISTEN: "{}", NODE_OPTIONS: "--no-warnings" });
  });

  test("headers arrive as they were, in order, but for those of the connection and who asked", async () => {
    const text = await raw(
      relay.port,
      "GET /echo?a=b%20c HTTP/1.1\r\nHost: shop.example\r\nX-Case: One\r\nx-case: two\r\n" +
        "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\nConnection: close, x-hop\r\nX-Hop: 1\r\n" +
        "Keep-Alive: 5\r\nTE: trailers\r\n\r\n",
    );
    const told = parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
    expect(told.url).toBe("/echo?a=b%20c");
    expect(told.rawHeaders.join("|")).toBe(
      "Host|shop.example|X-Case|One|x-case|two|X-Forwarded-For|10.0.0.9, 127.0.0.1|" +
        "X-Forwarded-Proto|https|X-Forwarded-Host|shop.example|Connection|keep-alive",
    );
    expect(text).toContain("X-Twice: a\r\nX-Twice: b\r\n");
    expect(text.match(/^Date:/gm)).toHaveLength(1);
  });

  test("status text, 204 and HEAD stay what they are", async () => {
    expect((await ask(relay.port, "/nowhere")).message.statusMessage).toBe("Nothing Here");
    expect((await ask(relay.port, "/none")).status).toBe(204);
    const head = await ask(relay.port, "/pid", { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.body).toBe("");
  });

  test("the program knows nothing of the handover", async () => {
    expect((await ask(relay.port, "/pid")).body).toMatch(/^\d+ --no-warnings undefined$/);
  });

  test("20 MB arrive unchanged, with a length and chunked, trailers included", async () => {
    const bytes = randomBytes(20_000_000);
    const sha = createHash("sha256").update(bytes).digest("hex");
    const length = await ask(relay.port, "/upload", { method: "POST" }, (out) => out.end(bytes));
    expect(JSON.parse(length.body)).toMatchObject({ bytes: bytes.length, sha });
    const headers = { "Transfer-Encoding": "chunked", Trailer: "X-End" };
    const chunked = await ask(relay.port, "/upload", { method: "PUT", headers }, (out) => {
      for (let at = 0; at < bytes.length; at += 1_000_000) out.write(bytes.subarray(at, at + 1_000_000));
      out.addTrailers({ "X-End": "yes" });
      out.end();
    });
    expect(JSON.parse(chunked.body)).toEqual({ bytes: bytes.length, sha, trailers: { "x-end": "yes" } });
  });

  test("a GET and a DELETE may carry a body", async () => {
    for (const method of ["GET", "DELETE"]) {
      const headers = { "Transfer-Encoding": "chunked" };
      const answer = await ask(relay.port, "/upload", { method, headers }, (out) => out.end("four"));
      expect(JSON.parse(answer.body)).toMatchObject({ bytes: 4 });
    }
  });

  test("a client that waits for 100 gets it from the program, or its refusal", async () => {
    const headers = { Expect: "100-continue", "Content-Length": "5" };
    let isContinued = false;
    const answer = await ask(relay.port, "/upload", { method: "POST", headers }, (out) => {
      out.flushHeaders();
      out.once("continue", () => {
        isContinued = true;
        out.end("hello");
      });
    });
    expect(isContinued).toBe(true);
    expect(JSON.parse(answer.body)).toMatchObject({ bytes: 5 });
    const refused = await ask(relay.port, "/refuse", { method: "POST", headers }, (out) =>
      out.flushHeaders(),
    );
    expect(refused.status).toBe(413);
    expect(refused.message.headers.connection).toBe("close");
  });

  test("an answer that comes before the upload ends reaches the client", async () => {
    const headers = { "Content-Length": "50000000" };
    const answer = await ask(relay.port, "/refuse", { method: "POST", headers }, (out) => {
      out.on("error", () => undefined);
      out.write(randomBytes(100_000));
    });
    expect(answer.status).toBe(413);
    expect(answer.body).toBe("too large");
  });

  test("events arrive one by one, and a client that leaves is noticed by the program", async () => {
    const before = (await told(relay.port, "/seen")).aborted;
    const outgoing = request({ port: relay.port, path: "/sse", agent: false });
    outgoing.end();
    const message = await new Promise<IncomingMessage>((answered) => outgoing.once("response", answered));
    let text = "";
    message.on("data", (chunk: Buffer) => (text += chunk.toString()));
    message.on("error", () => undefined);
    await until(() => text.includes("data: 2\n\n"));
    outgoing.destroy();
    await until(async () => {
      const seen = await told(relay.port, "/seen");
      return seen.aborted > before;
    });
  });

  test("headers do not wait for the body", async () => {
    const outgoing = request({ port: relay.port, path: "/hold", agent: false });
    outgoing.end();
    const message = await new Promise<IncomingMessage>((answered) => outgoing.once("response", answered));
    await ask(relay.port, "/release");
    expect(await readAll(message)).toBe("held");
  });

  test("trailers and early hints are passed on", async () => {
    expect((await ask(relay.port, "/trailers")).message.trailers).toEqual({ "x-sum": "4" });
    let hints: unknown;
    await ask(relay.port, "/hints", {}, (out) => {
      out.once("information", (info: { headers: unknown }) => (hints = info.headers));
      out.end();
    });
    expect(hints).toEqual({ link: "</a.css>; rel=preload; as=style" });
  });

  test("a truncated answer arrives truncated; one that ends with its connection arrives whole", async () => {
    await expect(ask(relay.port, "/half")).rejects.toThrow("aborted");
    await expect(ask(relay.port, "/half-chunked")).rejects.toThrow("aborted");
    expect((await ask(relay.port, "/old")).body).toBe("until the end");
    expect(await raw(relay.port, "GET /old HTTP/1.0\r\n\r\n")).toMatch(/\r\n\r\nuntil the end$/);
  });

  test("connections to the program are reused", async () => {
    const first = await told(relay.port, "/echo");
    const second = await told(relay.port, "/echo");
    expect(second.socket).toBe(first.socket);
  });

  test("a request that meets the end of an idle connection is repeated, a POST never is", async () => {
    for (let round = 0; round < 10; round += 1) {
      const answer = await ask(relay.port, "/stale");
      expect(answer.body).toBe("fresh");
    }
    const seen = await told(relay.port, "/seen");
    expect(seen.stale).toBe(5);
    const dropped = await ask(relay.port, "/post", { method: "POST", headers: { "X-Drop": "1" } });
    expect(dropped.status).toBe(502);
    const after = await told(relay.port, "/seen");
    expect(after.posts - seen.posts).toBe(1);
  });

  test("an upgraded connection carries bytes both ways and ends at both ends", async () => {
    const socket = connect({ port: relay.port, host: "127.0.0.1" });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.write("GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
    await until(() => text.endsWith("127.0.0.1|early"));
    expect(text).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/);
    socket.write("later");
    await until(() => text.endsWith("earlylater"));
    socket.end();
    await once(socket, "close");
  });

  test("an offer of HTTP/2 is declined without harm to the next request", async () => {
    const text = await raw(
      relay.port,
      "GET /pid HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
    );
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(text).toMatch(/\r\nConnection: close\r\n/i);
  });

  test("a hundred clients at once on kept connections get every answer", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 100 });
    const answers = await Promise.all(
      Array.from({ length: 2000 }, async (_, index) => ask(relay.port, `/echo?${String(index)}`, { agent })),
    );
    expect(answers.every((answer, index) => answer.body.includes(`"/echo?${String(index)}"`))).toBe(true);
    agent.destroy();
  });
});

describe("the program under the relay", () => {
  test("nobody is accepted before the program accepts", async () => {
    const relay = await start(["--", process.execPath, program], { BOOT_MS: "400" });
    const begun = Date.now();
    await until(() => portHolder(relay.port) !== null);
    expect(Date.now() - begun).toBeGreaterThan(350);
    expect((await ask(relay.port, "/none")).status).toBe(204);
  });

  test("its exit status is the relay's, and its last answer arrives", async () => {
    const relay = await startProgram();
    expect((await ask(relay.port, "/exit")).body).toBe("bye");
    expect(await relay.exit).toBe(7);
  });

  test("SIGTERM reaches it, the relay waits for its end", async () => {
    const relay = await startProgram();
    relay.child.kill("SIGTERM");
    expect(await relay.exit).toBe(3);
    expect(relay.output()).toBe("got SIGTERM\n");
  });

  test("it gets a signal once when every process of the instance is signalled", async () => {
    const relay = await startProgram();
    const all = [relay.child.pid ?? NaN, ...descendants(relay.child.pid ?? NaN)];
    for (const pid of all) process.kill(pid, "SIGTERM");
    expect(await relay.exit).toBe(3);
    expect(relay.output()).toBe("got SIGTERM\n");
  });

  test("a death by signal is told as a shell tells it", async () => {
    const relay = await start(["--shell", "kill -9 $$"]);
    expect(await relay.exit).toBe(137);
  });

  test("it does not outlive a relay that is killed", async () => {
    const relay = await startProgram({ STUBBORN: "1" });
    const [pid = NaN] = (await ask(relay.port, "/pid")).body.split(" ").map(Number);
    const began = startTime(pid) ?? 0;
    relay.child.kill("SIGKILL");
    await until(() => !isAlive(pid, began));
  });

  test("a shell line sees $PORT, and all of its processes end with it", async () => {
    const relay = await start(["--shell", `echo port=$PORT; "${process.execPath}" "${program}"; echo over`]);
    await until(() => portHolder(relay.port) !== null);
    const below = descendants(relay.child.pid ?? NaN).map((pid) => ({ pid, began: startTime(pid) ?? 0 }));
    relay.child.kill("SIGTERM");
    await relay.exit;
    expect(relay.output()).toMatch(/^port=\d+\n/);
    await until(() => below.every(({ pid, began }) => !isAlive(pid, began)));
  });

  test("a program that does not exist is 127, with its name", async () => {
    const relay = await start(["--", "no-such-program"]);
    expect(await relay.exit).toBe(127);
    expect(relay.output()).toBe("cutover: no-such-program: not found\n");
  });

  test("one that ignores $PORT is found on the port it has, and that is said", async () => {
    const fixed = await freePort();
    const relay = await start(["--", process.execPath, program], { FIXED_PORT: String(fixed) });
    await until(() => portHolder(relay.port) !== null);
    expect((await ask(relay.port, "/none")).status).toBe(204);
    expect(relay.output()).toMatch(
      new RegExp(`^cutover: the program listens on ${String(fixed)} and ignores \\$PORT \\(\\d+\\)\n$`),
    );
  });

  test("one that listens on IPv6 only is reached there", async () => {
    const relay = await startProgram({ BIND: "::1" });
    expect((await ask(relay.port, "/none")).status).toBe(204);
  });
});

describe("the relay for other protocols", () => {
  test("a program that turns out to speak HTTP gets the HTTP relay", async () => {
    const relay = await start(["--", process.execPath, program], {}, ["--tcp"]);
    await until(() => portHolder(relay.port) !== null);
    expect((await told(relay.port, "/echo")).rawHeaders).toContain("X-Forwarded-For");
  });

  test("bytes pass both ways, a half-closed connection included", async () => {
    const server =
      "require('net').createServer({allowHalfOpen:true}, s => { let n = 0; s.on('data', d => n += d.length);" +
      " s.on('end', () => s.end('got ' + n)) }).listen(process.env.PORT)";
    const relay = await start(["--", process.execPath, "-e", server], {}, ["--tcp"]);
    await until(() => portHolder(relay.port) !== null);
    const socket: Socket = connect({ port: relay.port, host: "127.0.0.1" });
    socket.end(randomBytes(3_000_000));
    expect(await readAll(socket)).toBe("got 3000000");
  });
});
