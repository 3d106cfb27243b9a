import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, until } from "../bare.ts";
import { answerOf, httpHealth, spec, supervised, type Supervised } from "./supervised.ts";

const hour = 3_600_000;
const directory = mkdtempSync(join(tmpdir(), "cutover-clock-"));
const jump = join(directory, "jump");
const boot = join(directory, "boot");
const begun = join(directory, "begun");
const answer = join(directory, "answer");
/** Time itself, in the supervisor and in what it starts: set forward by an hour when the file "jump" is there. */
const clock = `
  import { existsSync } from "node:fs";
  const now = Date.now;
  Date.now = () => now() + (existsSync(${JSON.stringify(jump)}) ? ${hour} : 0);
`;
/** Opens its port when "boot" is there, answers /slow when "answer" is there. */
const program = `
  const fs = require("node:fs");
  const when = (file, act) => (fs.existsSync(file) ? act() : setTimeout(when, 20, file, act));
  const server = require("node:http").createServer((request, response) => {
    const end = () => response.end(JSON.stringify({ version: process.env.VERSION }));
    if (request.url === "/slow") when(${JSON.stringify(answer)}, end);
    else end();
  });
  if (process.env.VERSION === "v2") fs.writeFileSync(${JSON.stringify(begun)}, "");
  when(process.env.VERSION === "v1" ? __filename : ${JSON.stringify(boot)}, () => server.listen(process.env.PORT));
`;

const withClock = `--import=${join(directory, "clock.mjs")}`;

let s: Supervised;
beforeAll(async () => {
  writeFileSync(join(directory, "clock.mjs"), clock);
  writeFileSync(join(directory, "program.cjs"), program);
  s = await supervised();
  await s.killSupervisor();
  const main = join(import.meta.dirname, "../../../dist/process/supervisor/main.js");
  const env = { CUTOVER_HOME: s.home.home, PATH: process.env["PATH"] };
  const own = spawn(process.execPath, [withClock, main], { env, stdio: "ignore" });
  await until("it answers", async () => {
    const { connectSupervisor } = await import("../../../dist/process/client.js");
    const found = await connectSupervisor(s.home, { start: false }).catch(() => null);
    return (await found?.ping())?.pid === own.pid;
  });
});
afterAll(async () => {
  await s.end();
  rmSync(directory, { recursive: true });
});

function slow(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ port, path: "/slow", agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve(text));
        response.on("error", reject);
      })
      .on("error", reject);
  });
}

/** Leaves time for those who look at it again and again. */
async function setClock(to: "right" | "an hour ahead"): Promise<void> {
  if (to === "right") rmSync(jump);
  else writeFileSync(jump, "");
  await new Promise((resolve) => setTimeout(resolve, 500));
}

it("a clock that is set forward ends neither a start that takes its time nor a request that is waited for", async () => {
  const port = await freePort();
  const at = (VERSION: string) => {
    const run = [process.execPath, join(directory, "program.cjs")];
    const base = spec({ cwd: directory, run, port, health: httpHealth({ path: "/", minUptimeMs: 0 }) });
    return { ...base, env: { ...base.env, VERSION, NODE_OPTIONS: withClock } };
  };
  const instances = async (): Promise<string> =>
    (await s.client.service("shop/web")).instances
      .map(({ release, state, inFlight }) => `${release} ${state} ${String(inFlight)}`)
      .join();
  await s.client.start("shop/web", at("v1"));
  const waiting = slow(port);
  const reloaded = s.client.reload("shop/web", { spec: at("v2") });
  await until("the next one runs", () => existsSync(begun));
  await setClock("an hour ahead");
  writeFileSync(boot, "");
  await until("the next one serves", async () => (await answerOf(port)).version === "v2");
  await setClock("right");
  await until("the old one is waited for", async () => (await instances()).includes("g1 draining 1"));
  await setClock("an hour ahead");
  writeFileSync(answer, "");
  expect(JSON.parse(await waiting)).toEqual({ version: "v1" });
  expect((await reloaded).forced).toBe(0);
});
