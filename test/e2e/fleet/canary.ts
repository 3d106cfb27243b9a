import { expect, onTestFinished } from "vitest";
import { until } from "../bare.ts";
import { follow, type Running } from "./bed/running.ts";
import type { FleetShop } from "./fleet-shop.ts";

/** Deployments of a canary that a test stops in the middle of. */
export interface Canary {
  /** A deployment that holds at 20 % for as long as the test needs. */
  deployUntilHold(): Promise<Running>;
  /** One at the moment when h1, which takes no requests, starts the new release. */
  deployUntilReplaced(): Promise<Running>;
  /** What they are to bring. */
  newest(): string;
  /** Every host and the balancer answer with it. */
  expectServing(version: string): Promise<void>;
  /** Under load through the balancer, whose every request is answered. */
  withoutLoss(what: string, work: () => Promise<void>): Promise<void>;
}

export async function openCanary(shop: FleetShop): Promise<Canary> {
  const names = shop.bed.hosts.map(({ name }) => name);
  let version = 0;
  const write = async (hold: string, bootMs: number): Promise<void> => {
    shop.configure({
      name: "canary",
      balancer: "haproxy",
      servers: `[${names.map((name) => `deploy@${name}`).join(", ")}]`,
      rollout: `{ strategy: canary, bake: 100ms, canary: { steps: [20%, 100%], hold: ${hold}, judge: false } }`,
    });
    version += 1;
    await shop.write({ VERSION: `v${version}`, BOOT_MS: bootMs });
  };
  const deploy = (): Running => {
    const child = shop.program.start(["deploy", "--yes", "--json"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    return follow(child);
  };
  await write("100ms", 0);
  const ran = await shop.program.run(["deploy", "--yes"]);
  expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
  return {
    newest: () => `v${version}`,
    async deployUntilHold() {
      await write("10m", 0);
      const deploying = deploy();
      await deploying.until("the canary holds", ({ event }) => event === "hold");
      return deploying;
    },
    async deployUntilReplaced() {
      await write("100ms", 1500);
      const deploying = deploy();
      await deploying.until(
        "h1 starts the new release",
        ({ event, effect }) => event === "effect" && effect?.layer === "process" && effect.verb === "check",
      );
      return deploying;
    },
    async expectServing(wanted) {
      expect(await shop.versions()).toEqual(names.map(() => wanted));
      expect(await shop.version()).toBe(wanted);
    },
    async withoutLoss(what, work) {
      let sent = 0;
      const prober = await shop.load(undefined, (progress) => (sent = progress.sent));
      await work();
      await until("enough was sent to say something", () => sent > 100);
      const { total, failures } = await prober.stop();
      console.log(`${what}: ${total.sent} requests sent, ${total.failed} lost`);
      expect(failures).toEqual([]);
      expect(total.sent).toBeGreaterThan(100);
    },
  };
}
