import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { nginx } from "../../../src/traffic/nginx/driver.ts";
import { openApps } from "../../contract/traffic/apps.ts";
import { routing } from "../../contract/traffic/bed.ts";
import { settingsOf } from "../../contract/traffic/subject.ts";
import { freePort } from "../bare.ts";
import { findNginx, type NginxLines, startNginx } from "./nginx.ts";

const opened: (() => Promise<void>)[] = [];

async function open(lines: NginxLines = {}) {
  const directory = mkdtempSync(join(tmpdir(), "cutover-nginx-"));
  const apps = await openApps(["app1", "app2", "app3"]);
  const site = { directory, apps, port: await freePort() };
  const running = await startNginx(site, lines);
  opened.push(async () => {
    await running.stop();
    await apps.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    running,
    port: site.port,
    original: readFileSync(running.config, "utf8"),
    balancer: nginx.open(settingsOf(site, running.spec)),
  };
}

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Got {
  readonly location: string | undefined;
  readonly host: string | undefined;
  readonly asked: string | undefined;
}

function ask(port: number, path: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = { host: "shop.example.com" };
    get({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => (body += part));
      response.once("end", () => {
        const seen: { headers: Record<string, string> } = JSON.parse(body);
        resolve({
          location: response.headers.location,
          host: seen.headers["host"],
          asked: seen.headers["x-asked"],
        });
      });
    }).once("error", reject);
  });
}

describe.skipIf(findNginx() === undefined)("nginx and its operator", () => {
  test.each([
    ["nothing is said of it", {}],
    ["the server has headers of its own", { server: "proxy_set_header X-Asked $host;" }],
    ["the location has headers of its own", { location: "proxy_set_header X-Asked $host;" }],
    ["the client's host is passed on", { location: "proxy_set_header Host $host;" }],
    ["redirects are left alone", { server: "proxy_redirect off;" }],
  ] as const)("the host that servers see, and redirects to it, stay where %s", async (_case, lines) => {
    const { balancer, port } = await open(lines);
    const before = [await ask(port, "/"), await ask(port, "/moved")];
    await balancer.write(routing([0, 1, 0]));
    expect([await ask(port, "/"), await ask(port, "/moved")]).toEqual(before);
  });
});
