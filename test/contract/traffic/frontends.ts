import { join } from "node:path";
import { expect, test } from "vitest";
import type { Bed } from "./bed.ts";
import { settingsOf } from "./subject.ts";

export function describeFrontends(get: () => Bed): void {
  test("tells where clients reach the service, before its lines are there and behind them", async () => {
    const { balancer, firstFrontends, port } = get();
    const wanted = [{ service: "web", port, isTls: false, address: "127.0.0.1", names: [] }];
    expect(firstFrontends).toEqual(wanted);
    expect(await balancer.frontends()).toEqual(wanted);
  });

  test("tells of none where the configuration cannot be read, and for a service without a health path", async () => {
    const bed = get();
    const { spec, unreachable } = bed.running;
    const config = join(bed.directory, "none.cfg");
    const options = { ...spec.options, ...("config" in spec.options ? { config } : {}), ...unreachable };
    const away = bed.driver.open(settingsOf(bed, { ...spec, options }));
    expect(await away.frontends()).toEqual([]);
    const silent = bed.driver.open({ ...bed.settings, services: { web: { port: bed.apps.port } } });
    expect(await silent.frontends()).toEqual([]);
  });
}
