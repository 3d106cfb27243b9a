import { existsSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ask, askAll, claimsIn } from "../../../src/process/supervisor/control.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync("/tmp/coc-");
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** What a process leaves that bound its socket and did not come to listen, or died. */
function boundOnly(pid: number): string {
  const path = join(directory, `${pid}.ctl`);
  const bind = `import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])`;
  spawnSync("python3", ["-c", bind, path]);
  return path;
}

it("leaves the socket of a living process that does not listen yet, and removes that of a dead one", async () => {
  const living = boundOnly(process.pid);
  const dead = boundOnly(4_194_303);
  expect(await askAll(directory, { do: "status" })).toEqual([]);
  expect([existsSync(living), existsSync(dead)]).toEqual([true, false]);
});

it("reads one reply line, and takes a refusal for an error", async () => {
  const path = join(directory, `${process.pid}.ctl`);
  const server = net.createServer((socket) => socket.end('{"error":"no descriptor is left"}\n')).listen(path);
  await once(server, "listening");
  const [claim] = claimsIn(directory);
  if (claim === undefined) throw new Error("the socket is a claim");
  await expect(ask(claim, { do: "open" })).rejects.toThrow("no descriptor is left");
  server.close();
});
