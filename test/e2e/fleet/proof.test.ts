import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Proof } from "../../../src/proof/proof.ts";
import type { Ran } from "../host.ts";
import type { Machine } from "./bed/machine.ts";
import { missingForBed } from "./bed/missing.ts";
import { follow } from "./bed/running.ts";
import { type FleetShop, openFleetShop } from "./fleet-shop.ts";
import { hosts } from "./strategies.ts";

const isMissing = missingForBed(["haproxy"]).length > 0;
const killed = 128;
/** A prober on a busy machine may have been too late to prove anything, and says so. */
const unbroken = ["holds", "inconclusive"];

interface Result {
  readonly id: string;
  readonly proof: Proof;
}

describe.skipIf(isMissing)("the proof of a fleet's deployment, without a word about it in the config", () => {
  let shop: FleetShop;
  let versions = 0;
  /** Behind it the new release takes requests on the first host. */
  let firstSwitch: number;

  beforeAll(async () => {
    shop = await openFleetShop({ hosts, balancer: "haproxy" });
    for (const balancer of shop.bed.balancers) await letRetry(balancer);
    shop.configure({
      name: "rolling",
      balancer: "haproxy",
      servers: "[deploy@h1, deploy@h2]",
      rollout: "{ strategy: rolling, batch: 1, bake: 100ms }",
      isProven: true,
    });
    const first = await deploy();
    expect(first.exit, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^Not measured: nothing was live before that could have lost anything\.$/m);
  });
  afterAll(() => shop.close());

  async function write(settings: Readonly<Record<string, number>> = {}): Promise<void> {
    await shop.write({ VERSION: `v${++versions}`, ...settings });
  }

  async function deploy(): Promise<Ran> {
    await write();
    return await shop.program.run(["deploy", "--yes"]);
  }

  /** What a command says that ends well, or with a proof that does not hold. */
  async function tell(words: readonly string[]): Promise<string> {
    const ran = await shop.program.run(words);
    expect([0, 5], ran.stdout + ran.stderr).toContain(ran.exit);
    return ran.stdout;
  }

  async function resultOf(words: readonly string[]): Promise<Result> {
    const line = (await tell([...words, "--json"]))
      .split("\n")
      .find((one) => one.includes('"event":"result"'));
    return JSON.parse(line ?? "{}") as Result;
  }

  test("is measured through the balancer, with what the balancer counted, and told from the operator's machine", async () => {
    const { exit, stdout, stderr } = await deploy();
    expect([exit, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/^warn/m);
    expect(stdout).toMatch(
      /^Proof: 0 of \d+ requests failed, .*; longest gap [\d.]+ ms; 0 masked by the balancer's retries\./m,
    );
    const proof = await tell(["proof"]);
    expect(proof).toMatch(/^Deployment 2, .* UTC, http:\/\/lb1\/health: (holds|inconclusive)$/m);
    expect(proof).toMatch(/^ {2}Tries the balancer repeated: 0 on the same server, 0 on another\.$/m);
    const report = await tell(["report", "2"]);
    expect(report).toMatch(/^ {2}servers {3}h1, h2$/m);
    expect(report).toMatch(/^ {2}0 of \d+ requests failed, .* 0 masked by the balancer's retries\./m);
    expect(await tell(["history"])).toMatch(/^ 2 .*deploy {2}done(.|\n)*2 deploys went live/m);
    firstSwitch =
      1 +
      shop.journal().records.findIndex((record) => {
        return (
          record.kind === "outcome" && record.effect.layer === "process" && record.effect.verb === "switch"
        );
      });
  });

  test("tells of failures that the balancer hid from its clients", async () => {
    // The first host is busy with its new release for a while, and the other one dies.
    await write({ BOOT_MS: 1000 });
    const deploying = follow(shop.program.start(["deploy", "--yes", "--json"]));
    await deploying.until(
      "h1 starts the new release",
      ({ event, effect }) => event === "effect" && effect?.layer === "process" && effect.verb === "check",
    );
    for (const host of shop.bed.hosts.filter(({ name }) => name === "h2")) await endApplication(host);
    const result = await deploying.ended;
    expect(result?.exit, deploying.story()).toBe(0);
    const { proof } = result as unknown as Result;
    const { retries = 0, redispatches = 0 } = proof.balancer ?? {};
    expect(retries + redispatches).toBeGreaterThan(0);
    expect(proof).toMatchObject({ verdict: "masked", failures: [], during: { failed: 0 } });
    const shown = await shop.program.run(["proof"]);
    expect(shown.exit).toBe(5);
    expect(shown.stdout).toMatch(/: masked$/m);
    expect(shown.stdout).toMatch(/failures that it hid from the clients\.$/m);
    expect(shown.stderr).toMatch(/^PROOF_FAILS .* is not proven to have lost nothing: masked\.$/m);
    expect(await tell(["report"])).toContain(`; ${retries + redispatches} masked by the balancer's retries.`);
  });

  test.each([
    ["resumed", "resume"],
    ["aborted", "abort"],
  ])("is one for a deployment whose operator was killed and that was %s", async (_what, command) => {
    // Long enough for some of it to be kept before the end.
    await write({ BOOT_MS: 700 });
    const { exit, stdout } = await shop.program.run(["deploy", "--yes"], {
      CUTOVER_CRASH_AT: `${firstSwitch}`,
    });
    expect(exit, stdout).toBe(killed);
    const { proof, id } = await resultOf([command, "--yes"]);
    expect(proof).toMatchObject({ deployment: id, isEnded: true, failures: [], url: "http://lb1/health" });
    expect(unbroken).toContain(proof.verdict);
    expect(proof.reasons.join(" ")).toMatch(/What was changed .*[\d:]+ UTC was not measured\./);
    expect(proof.earlier).toMatchObject([{ deployment: id, isEnded: false, failures: [] }]);
    expect(await tell(["proof", id])).toMatch(
      /^ {2}Before it was taken up again, .* UTC: 0 of \d+ requests failed, .*: (holds|inconclusive)\.$/m,
    );
  });
});

/** haproxy with tries that hide what is lost behind it. */
async function letRetry(balancer: Machine): Promise<void> {
  const lines = ["retries 3", "option redispatch", "retry-on conn-failure empty-response"].join("\\n  ");
  const script = [
    "pid=$(cat /run/haproxy.pid)",
    "kill $pid",
    "while kill -0 $pid 2>/dev/null; do sleep 0.05; done",
    `sed -i 's/retries 0/${lines}/' /etc/haproxy/haproxy.cfg`,
    "sh /run/start",
  ];
  const ran = await balancer.run(["sh", "-ec", script.join("\n")]);
  expect(ran.exit, ran.stderr).toBe(0);
}

/** Everything that keeps the service's port: it is refused until somebody comes and starts it again. */
async function endApplication(host: Machine): Promise<void> {
  const { stdout } = await host.run(["ps", "-u", "deploy", "-o", "pid=,args="]);
  const all = stdout.split("\n").filter((line) => /supervisor\/main\.js|shim\.sh|http\.cjs/.test(line));
  const pids = all.map((line) => line.trim().split(" ")[0] ?? "");
  expect(pids.length, stdout).toBeGreaterThan(2);
  await host.run(["kill", "-KILL", ...pids]);
}
