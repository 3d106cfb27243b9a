import { execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { describe, expect, test } from "vitest";
import { connect, request } from "./client.ts";
import { openPort, startInstance, until } from "./instance.ts";

const server = `
const http = require("node:http");
const port = Number(process.env.PORT);
const server = http.createServer((request, response) => response.end("hello"));
const done = () => console.log("listening " + JSON.stringify(server.address()));
`;

describe("a listen on the declared port takes the inherited socket", () => {
  const listens: Record<string, string | null> = {
    "server.listen(port, done)": null,
    "server.listen(String(port), done)": null,
    "server.listen({ port }, done)": null,
    'server.listen(port, "0.0.0.0", done)': "0.0.0.0",
    'server.listen(port, "::", 511, done)': "::",
    'server.listen({ port, host: "127.0.0.1", exclusive: true }, done)': "127.0.0.1",
    'server.listen(port, "127.0.0.1", 100, done)': "127.0.0.1",
    'server.on("listening", done).listen({ port, host: "localhost", backlog: 10 })': "127.0.0.1",
    "server.listen(port).once('listening', done)": null,
  };
  for (const [listen, host] of Object.entries(listens)) {
    test(listen, async () => {
      const port = openPort();
      const instance = startInstance([port], { files: { "app.cjs": `${server}${listen};` } });
      await instance.printed(`"port":${port.port}`);
      const status = await instance.ask({ do: "status" });
      expect(status).toMatchObject({ gate: "closed", ports: [port.port], http: true, tls: false });
      expect([host, "::1"]).toContain(status.hosts[port.port]);
      const client = connect(port.port);
      const early = client.ask(request("/"));
      await waitABit();
      expect(client.received()).toBe("");
      await instance.ask({ do: "open" });
      expect((await early).body).toBe("hello");
      client.leave();
    });
  }
});

// Long enough for a loopback answer, had the server accepted.
async function waitABit(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
}

test("the gate can be open from the start", async () => {
  const port = openPort();
  const instance = startInstance([port], {
    gate: "open",
    files: { "app.cjs": `${server}server.listen(port)` },
  });
  const client = connect(port.port);
  expect((await client.ask(request("/"))).body).toBe("hello");
  await instance.claimed();
  client.leave();
});

test.runIf(fs.existsSync("/usr/bin/ss"))("the backlog is the supervisor's, not Node's 511", async () => {
  const port = openPort();
  const instance = startInstance([port], {
    gate: "open",
    files: { "app.cjs": `${server}server.listen(port)` },
  });
  await instance.claimed();
  const line = execFileSync("/usr/bin/ss", ["-Hltn", `sport = :${port.port}`], { encoding: "utf8" });
  const most = Number(fs.readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
  expect(Number(line.trim().split(/\s+/)[2])).toBe(Math.min(4096, most));
});

test("a worker born late follows the file gate", async () => {
  const port = openPort();
  const files = { "app.cjs": `${server}server.listen(port, done)`, gate: "open\n" };
  const instance = startInstance([port], { files });
  const client = connect(port.port);
  expect((await client.ask(request("/"))).body).toBe("hello");
  expect((await instance.ask({ do: "status" })).gate).toBe("open");
  client.leave();
});

test("a program may look whether the port is free before it listens", async () => {
  const port = openPort();
  const look = `
const look = (host, next) => {
  const probe = require("node:net").createServer();
  probe.once("error", (error) => console.log("taken " + error.code));
  probe.listen({ port, host }, () => probe.close(next));
};
look("127.0.0.1", () => look("::", () => look(undefined, () => look("0.0.0.0", () => look(undefined, () => server.listen(port, done))))));`;
  const instance = startInstance([port], { files: { "app.cjs": server + look } });
  await instance.printed("listening");
  expect(instance.output()).not.toContain("taken");
  await instance.ask({ do: "open" });
  const client = connect(port.port);
  expect((await client.ask(request("/"))).body).toBe("hello");
  client.leave();
});

test("a program may close and listen again while the gate is open", async () => {
  const port = openPort();
  const again = `server.listen(port, () => server.close(() => server.listen(port, done)));`;
  const instance = startInstance([port], { gate: "open", files: { "app.cjs": server + again } });
  await instance.printed("listening");
  const client = connect(port.port);
  expect((await client.ask(request("/"))).body).toBe("hello");
  client.leave();
});

test("a program may listen on both families, even with a single descriptor", async () => {
  const port = openPort();
  const both = `
server.listen(port, "0.0.0.0", done);
const second = http.createServer((request, response) => response.end("hello"));
second.listen({ port, host: "::", ipv6Only: true }, () => console.log("second " + second.address().port));`;
  const instance = startInstance([port], { spares: 1, files: { "app.cjs": server + both } });
  await instance.printed(`second ${port.port}`);
  await instance.ask({ do: "open" });
  for (const host of ["127.0.0.1", "::1"]) {
    const socket = net.connect(port.port, host);
    socket.write(request("/", false));
    let text = "";
    for await (const data of socket) text += String(data);
    expect(text).toContain("hello");
  }
  await instance.ask({ do: "drain", deadlineMs: 5000 });
  await instance.drained();
});

test("two declared ports each get their own socket, and the probe goes to the public one", async () => {
  const ports = [openPort(), openPort()];
  const admin = `
server.listen(port, done);
http.createServer((request, response) => response.end("admin")).listen(${ports[1]?.port});`;
  const instance = startInstance(ports, { files: { "app.cjs": server + admin } });
  await until(async () => (await instance.ask({ do: "status" })).ports.length === 2, "both ports");
  await instance.ask({ do: "open" });
  const bodies = [];
  for (const target of [ports[0]?.port ?? 0, ports[1]?.port ?? 0, await instance.probe()]) {
    const client = connect(target);
    bodies.push((await client.ask(request("/"))).body);
    client.leave();
  }
  expect(bodies).toEqual(["hello", "admin", "hello"]);
});

test("a closed gate keeps the process alive, but not a program that closed or unreferenced its server", async () => {
  const closed = startInstance([openPort()], {
    files: { "app.cjs": `${server}server.listen(port, () => server.close(() => console.log("closed")));` },
  });
  expect(await closed.exited()).toBe(0);
  expect(closed.output()).toContain("closed");
  const unreferenced = startInstance([openPort()], {
    files: { "app.cjs": `${server}server.unref().listen(port, done);` },
  });
  expect(await unreferenced.exited()).toBe(0);
  expect(unreferenced.output()).toContain("listening");
});

test("a parked gate opens again as often as there are descriptors, then says that none is left", async () => {
  const port = openPort();
  const instance = startInstance([port], {
    spares: 2,
    files: { "app.cjs": `${server}server.listen(port, done);` },
  });
  await instance.ask({ do: "open" });
  const client = connect(port.port);
  expect((await client.ask(request("/"))).isLast).toBe(false);
  expect((await instance.ask({ do: "park" })).gate).toBe("parked");
  expect((await client.ask(request("/"))).isLast).toBe(true);
  const waiting = connect(port.port);
  const answer = waiting.ask(request("/"));
  await waitABit();
  expect(waiting.received()).toBe("");
  const probe = connect(await instance.probe());
  expect((await probe.ask(request("/"))).status).toBe(200);
  const held = connect(await instance.probe());
  held.socket.write("GET / HTTP/1.1\r\n");
  expect(await instance.ask({ do: "status" })).toMatchObject({ connections: 0, inFlight: 0 });
  await instance.ask({ do: "open" });
  expect((await answer).isLast).toBe(false);
  await instance.ask({ do: "park" });
  await expect(instance.ask({ do: "open" })).rejects.toThrow(
    `no spare descriptor left for port ${port.port}`,
  );
  expect((await instance.ask({ do: "status" })).gate).toBe("parked");
});

test("a gate is not called open when the system refuses to accept", async () => {
  const deaf = "Object.getPrototypeOf(server._handle).listen = () => -12;";
  const port = openPort();
  const instance = startInstance([port], {
    files: { "app.cjs": `${server}server.listen(port, () => { ${deaf} done(); });` },
  });
  await instance.printed("listening");
  await expect(instance.ask({ do: "open" })).rejects.toThrow(`nothing can be accepted on port ${port.port}`);
  expect((await instance.ask({ do: "status" })).gate).toBe("parked");
});

test("the control socket names what it does not understand, and goes with the process", async () => {
  const instance = startInstance([openPort()], {
    files: { "app.cjs": `${server}server.listen(port, done);` },
  });
  await expect(instance.ask({ do: "jump" } as never)).rejects.toThrow('unknown request {"do":"jump"}');
  const [pid] = await instance.claimed();
  process.kill(pid ?? NaN, "SIGTERM");
  expect(await instance.exited()).toBe("SIGTERM");
});

test("the exit of a program removes its sockets", async () => {
  const files = { "app.cjs": `${server}server.listen(port, () => setTimeout(() => process.exit(3), 100));` };
  const instance = startInstance([openPort()], { files });
  expect(await instance.exited()).toBe(3);
  expect(fs.readdirSync(instance.runDir).filter((file) => /ctl|probe/.test(file))).toEqual([]);
});

test("without descriptors the program's own bind fails loudly", async () => {
  const port = openPort();
  const instance = startInstance([port], {
    files: { "app.cjs": `${server}server.listen(port, done);` },
    run: "node app.cjs 3<&- 4<&- 5<&-",
  });
  expect(await instance.exited()).toBe(1);
  expect(instance.output()).toContain("EADDRINUSE");
  expect(instance.output()).toContain(`the socket of port ${port.port} did not reach this process`);
});
