import { expect, test } from "vitest";
import { connect, request, startLoad } from "./client.ts";
import { openPort, startInstance, until } from "./instance.ts";

const app = `
const cluster = require("node:cluster");
if (cluster.isPrimary) {
  cluster.on("listening", (worker, { port }) => console.log("worker listening " + port));
  cluster.on("exit", (worker, code, signal) => { console.log("worker gone"); cluster.fork(); });
  for (let count = 0; count < 2; count += 1) cluster.fork();
  process.on("SIGUSR2", () => Object.values(cluster.workers)[0].disconnect());
} else {
  const server = require("node:http").createServer((request, response) => response.end(String(process.pid)));
  server.listen(Number(process.env.PORT));
}`;

test("workers of the program's own cluster take the socket, each with its own gate", async () => {
  const port = openPort();
  const instance = startInstance([port], { files: { "app.cjs": app } });
  const pids = await instance.claimed(2);
  expect(pids).not.toContain(instance.child.pid);
  await until(() => instance.output().split("worker listening").length === 3, "both said so");
  const client = connect(port.port);
  const answer = client.ask(request("/"));
  await instance.ask({ do: "open" }, pids[1]);
  expect((await answer).body).toBe(String(pids[1]));
  client.leave();
  await instance.ask({ do: "open" }, pids[0]);
  const load = startLoad(port.port, { keepAlive: 8, fresh: 4 });
  await until(() => load.tally.bodies.size === 2, "both answer");
  await instance.ask({ do: "drain", deadlineMs: 5000 }, pids[0]);
  await instance.drained(pids[0]);
  expect((await load.stop()).lost).toEqual([]);
});

test("a worker that is born later claims, too, and a worker that disconnects stops accepting", async () => {
  const port = openPort();
  const instance = startInstance([port], { gate: "open", files: { "app.cjs": app } });
  const pids = await instance.claimed(2);
  process.kill(pids[0] ?? 0, "SIGKILL");
  await instance.printed("worker gone");
  await until(async () => (await instance.claimed(3)).length === 3, "a third");
  const [, survivor, third] = (await instance.claimed(3)).sort((one, other) => one - other);
  const load = startLoad(port.port, { keepAlive: 0, fresh: 8 });
  await until(() => load.tally.bodies.has(String(third)), "the third answers");
  instance.child.kill("SIGUSR2");
  await until(() => instance.output().split("worker gone").length === 3, "disconnected and gone");
  expect((await load.stop()).lost).toEqual([]);
  expect(survivor).toBeGreaterThan(0);
});
