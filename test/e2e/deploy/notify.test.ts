import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../bare.ts";
import { expectExit, openShop, type Shop, shopYaml } from "./shop.ts";

interface Told {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: Record<string, unknown>;
}

const answers: Readonly<Record<string, readonly [number, Record<string, string>]>> = {
  "/refuses": [500, {}],
  "/moved": [302, { location: "/new-home-4711" }],
};

/** Where notifications go: keeps what it was told. */
async function openReceiver() {
  const told: Told[] = [];
  const server = http.createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
      told.push({ path: request.url ?? "", type: request.headers["content-type"], body });
      const [status, headers] = answers[request.url ?? ""] ?? [204, {}];
      if (request.url !== "/hangs") response.writeHead(status, headers).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
    take: () => told.splice(0).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

describe("notifications", () => {
  let shop: Shop;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;

  beforeAll(async () => {
    shop = await openShop();
    receiver = await openReceiver();
  });
  afterAll(async () => {
    receiver.close();
    await shop.close();
  });

  function configure(notify: string): void {
    shop.configure(shopYaml(shop, { text: `notify: ${notify}` }));
  }

  const both = (): string => `{ webhook: $HOOK_URL, slack: "${receiver.url}/slack" }`;

  test("tell both receivers of a success, a failure and a rollback", async () => {
    const env = { HOOK_URL: `${receiver.url}/hook` };
    configure(both());
    const first = await shop.cutover(["deploy"], env);
    expectExit(first, 0);
    expect(first.stdout + first.stderr).not.toContain("NOTIFY_FAILED");
    const [one] = [String(shop.current())];
    expect(receiver.take()).toMatchObject([
      {
        path: "/hook",
        type: "application/json",
        body: {
          app: "shop",
          kind: "deploy",
          release: one,
          previous: null,
          end: "new",
          problem: null,
          proof: null,
        },
      },
      { path: "/slack", body: { text: expect.stringContaining(`deployed release ${one}`) as unknown } },
    ]);

    shop.write({ VERSION: "broken", CRASH_AT_BOOT: "1" });
    expectExit(await shop.cutover(["deploy"], env), 4);
    expect(receiver.take()).toMatchObject([
      { path: "/hook", body: { kind: "deploy", previous: one, end: "old", code: "INSTANCE_EXITED" } },
      {
        path: "/slack",
        body: { text: expect.stringMatching(`was not deployed, release ${one} serves`) as unknown },
      },
    ]);

    shop.write({ VERSION: "v2" });
    expectExit(await shop.cutover(["deploy"], env), 0);
    receiver.take();
    expectExit(await shop.cutover(["rollback"], env), 0);
    expect(receiver.take()).toMatchObject([
      { path: "/hook", body: { kind: "rollback", release: one, end: "new" } },
      { path: "/slack", body: { text: expect.stringContaining(`rolled back to release ${one}`) as unknown } },
    ]);
  });

  test("are left out when `on` does not name what happened", async () => {
    configure(`{ webhook: "${receiver.url}/hook", on: [failure] }`);
    shop.write({ VERSION: "v3" });
    expectExit(await shop.cutover(["deploy"]), 0);
    expect(receiver.take()).toEqual([]);
  });

  test("only warn when the receiver is dead, refuses, or has no address, and never show the address", async () => {
    const dead = await freePort();
    configure(`{ webhook: $HOOK_URL, slack: "${receiver.url}/refuses" }`);
    shop.write({ VERSION: "v4" });
    const ran = await shop.cutover(["deploy"], { HOOK_URL: `http://127.0.0.1:${dead}/token-4711` });
    expectExit(ran, 0);
    expect(await shop.version()).toBe("v4");
    expect(ran.stdout).toMatch(/warn {3}The notification could not be sent: .*ECONNREFUSED/);
    expect(ran.stdout).toContain("the receiver answered 500");
    expect(ran.stdout + ran.stderr).not.toContain("token-4711");

    configure("{ webhook: $HOOK_URL, slack: $SLACK_URL }");
    shop.write({ VERSION: "broken", CRASH_AT_BOOT: "1" });
    const failed = await shop.cutover(["deploy"], {
      HOOK_URL: "",
      SLACK_URL: "slack.example/token-4711",
    });
    expectExit(failed, 4);
    expect(failed.stdout).toContain("$HOOK_URL has no value in the environment");
    expect(failed.stdout).toContain("Failed to parse URL from ***");
    expect(failed.stdout + failed.stderr).not.toContain("token-4711");
  });

  test("that would be lost by following to another address are told to be lost, and follow nowhere", async () => {
    configure(`{ webhook: "${receiver.url}/moved" }`);
    shop.write({ VERSION: "moved" });
    receiver.take();
    const ran = await shop.cutover(["deploy"]);
    expectExit(ran, 0);
    expect(ran.stdout).toContain(
      "could not be sent: the receiver answered 302, which leads to another address",
    );
    expect(ran.stdout + ran.stderr).not.toContain("new-home-4711");
    expect(receiver.take()).toMatchObject([{ path: "/moved", body: { kind: "deploy", end: "new" } }]);
  });

  test("do not wait for a receiver that never answers, and their address is in no output", async () => {
    const token = "T0123456789abcdefghij";
    receiver.take();
    configure(`{ webhook: "${receiver.url}/hangs", slack: "${receiver.url}/services/${token}" }`);
    shop.write({ VERSION: "v5", PRINT_AT_BOOT: `posting to /services/${token}` });
    const ran = await shop.cutover(["deploy", "--verbose"]);
    expectExit(ran, 0);
    expect(ran.stdout).toContain("the receiver did not answer within 5 s");
    const [, slack] = receiver.take();
    expect(slack).toMatchObject({
      path: `/services/${token}`,
      body: { text: expect.stringMatching(/^✅ \*shop\* on .*: deployed release \d+ after/) as unknown },
    });
    const shown = await shop.cutover(["config"]);
    expect(ran.stdout + ran.stderr + shown.stdout).not.toContain(token);
    expect(shown.stdout).not.toContain("/hangs");
  });
});
