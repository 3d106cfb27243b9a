import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectExit, openShop, type Shop, underLoad } from "./shop.ts";
import { findNginx, findPhpFpm, startNginx, startPhpFpm, type WebServer } from "./web-server.ts";

const hasServers = findNginx() !== undefined && findPhpFpm() !== undefined;

describe.skipIf(!hasServers)("a php-fpm service behind nginx", () => {
  let shop: Shop;
  const servers: WebServer[] = [];

  function write(version: string): void {
    mkdirSync(join(shop.project, "public"), { recursive: true });
    const include = "require __DIR__ . '/../version.php'";
    const page = `<?php header('content-type: application/json'); usleep(20000); echo json_encode(['version' => ${include}]);`;
    writeFileSync(join(shop.project, "public/index.php"), page);
    writeFileSync(join(shop.project, "version.php"), `<?php return '${version}';`);
  }

  function configure(reload: string, more = ""): void {
    shop.configure(
      `app: shop\npath: ${shop.path}\nservices:\n  php: { engine: php-fpm, reload: "${reload}" }\n${more}`,
    );
  }

  const reload = (): string => `kill -USR2 $(cat ${shop.host.directory}/fpm/fpm.pid)`;

  beforeAll(async () => {
    shop = await openShop();
    const socket = join(shop.host.directory, "fpm.sock");
    servers.push(await startPhpFpm(join(shop.host.directory, "fpm"), socket));
    const root = join(shop.path, "current/public");
    const { port } = shop;
    servers.push(await startNginx({ directory: join(shop.host.directory, "nginx"), port, root, socket }));
    write("v1");
    configure(reload());
    expectExit(await shop.cutover(["deploy"]), 0);
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await shop.close();
  });

  async function expectOnly(version: string): Promise<void> {
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.version()));
    expect(new Set(answers)).toEqual(new Set([version]));
  }

  test("a new release replaces the old one under load without a lost request", async () => {
    await expectOnly("v1");
    write("v2");
    const { value, proof } = await underLoad(shop, async () => {
      const ran = await shop.cutover(["deploy"]);
      await expectOnly("v2");
      return ran;
    });
    expectExit(value, 0);
    expect(proof.total.sent).toBeGreaterThan(20);
    expect(proof.total.failed).toBe(0);
  });

  test("a reload command that fails turns back, and says what it printed", async () => {
    const before = shop.current();
    write("v3");
    configure(
      "echo unit php8.2-fpm not found; exit 5",
      "hooks: { on-failure: ['echo failed > ../../told'] }",
    );
    const { value, proof } = await underLoad(shop, () => shop.cutover(["deploy"]));
    expectExit(value, 4);
    expect(value.stderr).toContain("RELOAD_FAILED");
    expect(value.stderr).toContain("unit php8.2-fpm not found");
    expect(value.stderr).toContain(`Release ${before} serves as before`);
    expect(shop.current()).toBe(before);
    expect(proof.total.failed).toBe(0);
    await expectOnly("v2");
  });

  test("rollback goes to the release before, through its own reload command", async () => {
    const { value, proof } = await underLoad(shop, () => shop.cutover(["rollback"]));
    expectExit(value, 0);
    expect(proof.total.failed).toBe(0);
    await expectOnly("v1");
  });
});
