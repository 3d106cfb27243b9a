import dns from "node:dns";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import type net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { afterEach, expect, test, vi } from "vitest";
import { classifyError } from "../../src/proof/failure.ts";
import type { Lane, Load } from "../../src/proof/load.ts";
import { runProber } from "../../src/proof/prober.ts";
import type { ProofResult } from "../../src/proof/result.ts";

const fixtures = join(import.meta.dirname, "../fixtures/handover");
/** Signed by itself, for localhost; nobody here trusts it. */
const certificate = {
  key: readFileSync(join(fixtures, "localhost-key.pem")),
  cert: readFileSync(join(fixtures, "localhost-cert.pem")),
};
const fresh: Lane = {
  kind: "requests",
  name: "fresh",
  connection: "fresh",
  loop: { kind: "open", ratePerSecond: 100 },
};

const open: net.Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of open.splice(0)) server.close();
});

async function listen(server: net.Server, host: string, port = 0): Promise<number> {
  open.push(server);
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}

async function prove(url: string, more: Partial<Load> = {}, ms = 200): Promise<ProofResult> {
  const load: Load = { url, lanes: [fresh], timeoutMs: 2000, maxLagMs: 10_000, ...more };
  const prober = runProber(load);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return await prober.stop();
}

function answering(version: string): http.Server {
  return http.createServer((_, response) => response.setHeader("x-release", version).end("ok"));
}

test("a certificate that cannot be trusted, and a server that speaks no TLS, fail each request as tls", async () => {
  const strange = await listen(tls.createServer(certificate), "127.0.0.1");
  const plain = await listen(answering("1"), "127.0.0.1");
  for (const port of [strange, plain]) {
    const { total, failures } = await prove(`https://127.0.0.1:${port}/`);
    expect(total.sent).toBeGreaterThan(5);
    expect([port, total.failedBy]).toEqual([port, { tls: total.sent }]);
    const said = port === plain ? "the port does not speak TLS" : "self-signed certificate";
    expect([...new Set(failures.map(({ detail }) => detail))]).toEqual([said]);
  }
});

test("a name without an address fails each request as dns", async () => {
  vi.spyOn(dns, "lookup").mockImplementation(((name: string, _: unknown, done: (error: Error) => void) =>
    done(
      Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
        code: "ENOTFOUND",
        syscall: "getaddrinfo",
      }),
    )) as never);
  const { total, failures } = await prove("http://shop.test/");
  expect(total.failedBy).toEqual({ dns: total.sent });
  expect(failures[0]?.detail).toContain("ENOTFOUND shop.test");
});

test("each connection asks for the address anew, and none of several stands in for another", async () => {
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  const resolving = () =>
    vi
      .spyOn(dns, "lookup")
      .mockImplementation(((_: string, __: unknown, done: (error: null, all: typeof addresses) => void) =>
        done(null, addresses)) as never);
  const port = await listen(answering("1"), "127.0.0.1");
  const lookup = resolving();
  const { total } = await prove(`http://shop.test:${port}/`);
  expect(lookup).toHaveBeenCalledTimes(total.sent);
  expect(total.failedBy).toEqual({ refused: Math.floor(total.sent / 2) });

  lookup.mockRestore();
  await listen(answering("1"), "127.0.0.2", port);
  resolving();
  expect((await prove(`http://shop.test:${port}/`)).total.failed).toBe(0);
});

test("an answer of another version than the one asked for is lost as wrong-version", async () => {
  const port = await listen(answering("1"), "127.0.0.1");
  const lanes = [{ ...fresh, expect: { version: "2" } }];
  const version = { header: "x-release" };
  const { total } = await prove(`http://127.0.0.1:${port}/`, { lanes, version });
  expect(total.failedBy).toEqual({ "wrong-version": total.sent });
});

test.each([
  ["refused", { code: "ECONNREFUSED" }, false, 0],
  ["reset", { code: "ECONNRESET" }, true, 0],
  ["reset", { code: "EPIPE" }, true, 0],
  ["truncated", { code: "ECONNRESET" }, true, 17],
  ["timeout", { code: "ETIMEDOUT" }, false, 0],
  ["dns", { code: "EAI_AGAIN", syscall: "getaddrinfo" }, false, 0],
  ["tls", { code: "CERT_HAS_EXPIRED" }, false, 0],
  ["tls", { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, false, 0],
  ["tls", { code: "EPROTO" }, false, 0],
  ["tls", { code: "ERR_SSL_WRONG_VERSION_NUMBER" }, false, 0],
  ["unreachable", { code: "ENETUNREACH" }, false, 0],
  ["unreachable", { code: "EHOSTUNREACH" }, false, 0],
] as const)("%s is what %o is called", (failure, error, isConnected, bytes) => {
  expect(classifyError(Object.assign(new Error("no"), error), isConnected, bytes)).toBe(failure);
});
