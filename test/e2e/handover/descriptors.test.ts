import { spawn } from "node:child_process";
import net from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createListening, handoverEnv, keepPreload } from "../../../src/process/handover/descriptors.ts";
import { openPort } from "./instance.ts";

/** Hands the socket to a process that only holds it, as the shim of a service does. */
function hold(listening: { fd: number; close(): void }): void {
  const holder = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", listening.fd] });
  listening.close();
  onTestFinished(() => {
    holder.kill("SIGKILL");
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function connects(port: number, host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host, () => {
      socket.destroy();
      resolve("connected");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
  });
}

test("a port is listened on for both families without a process that accepts", async () => {
  const port = await freePort();
  hold(createListening(port));
  expect(await connects(port, "127.0.0.1")).toBe("connected");
  expect(await connects(port, "::1")).toBe("connected");
});

test("a port is listened on for one address only when asked", async () => {
  const port = await freePort();
  hold(createListening(port, "127.0.0.1"));
  expect(await connects(port, "127.0.0.1")).toBe("connected");
  expect(await connects(port, "127.0.0.2")).toBe("ECONNREFUSED");
});

test("a port that another program listens on is a problem, whichever family it uses", async () => {
  for (const address of ["::", "0.0.0.0", "127.0.0.1"]) {
    const { port } = openPort(address);
    expect(() => createListening(port)).toThrow(`Another program listens on port ${port}.`);
  }
  const port = await freePort();
  hold(createListening(port));
  expect(() => createListening(port, "127.0.0.1")).toThrow(`port ${port} on 127.0.0.1`);
});

test("an address this machine does not have is a problem of its own", () => {
  expect(() => createListening(0, "203.0.113.7")).toThrow("EADDRNOTAVAIL");
});

test("the environment keeps the user's NODE_OPTIONS and follows the systemd convention where it can", () => {
  const env = handoverEnv({
    runDir: "/run/x",
    ports: { 3000: [3, 5], 3001: [4, 6] },
    learn: true,
    nodeOptions: "--max-old-space-size=512",
  });
  expect(env).toMatchObject({
    CUTOVER_RUN: "/run/x",
    CUTOVER_LISTEN: '{"3000":[3,5],"3001":[4,6]}',
    CUTOVER_GATE: "closed",
    CUTOVER_LEARN: "1",
    LISTEN_FDS: "2",
    LISTEN_FDNAMES: "3000:3001",
  });
  expect(env["NODE_OPTIONS"]).toMatch(/^--max-old-space-size=512 --require .*preload\.cjs$/);
  expect(handoverEnv({ runDir: "/run/x", ports: { 3000: [7] } })).not.toHaveProperty("LISTEN_FDS");
});

test("a command line that sets NODE_OPTIONS keeps the preload", () => {
  expect(keepPreload("NODE_OPTIONS=--no-warnings node app.js")).toMatch(
    /^NODE_OPTIONS='--require .*preload.cjs '--no-warnings node app.js$/,
  );
  expect(keepPreload("cd x && exec env NODE_OPTIONS='--a --b' next start")).toMatch(
    /env NODE_OPTIONS='--require .*preload.cjs ''--a --b' next start$/,
  );
  expect(keepPreload("MY_NODE_OPTIONS=1 node app.js")).toBe("MY_NODE_OPTIONS=1 node app.js");
});
