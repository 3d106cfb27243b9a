import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ProberProcess } from "../../../src/proof/start.ts";
import { say } from "../../../src/traffic/haproxy/admin.ts";
import { until } from "../bare.ts";
import { missingForBed } from "./bed/missing.ts";
import type { Running } from "./bed/running.ts";
import { type JudgedShop, openJudgedShop } from "./judged.ts";

const isMissing = missingForBed(["haproxy"]).length > 0;
const back = "set server be_web/h1 health up;enable health be_web/h1";

/** With clients that come all the time. */
describe.skipIf(isMissing)("a canary whose share is not as told, behind haproxy", () => {
  let judged: JudgedShop;
  let clients: ProberProcess;

  beforeAll(async () => {
    judged = await openJudgedShop();
  });
  beforeEach(async () => {
    clients = await judged.shop.load(100);
  });
  afterEach(async () => {
    await tell(back);
    await clients.stop();
  });
  afterAll(() => judged.shop.close());

  const inBalancer = (path: string): string => join(judged.shop.bed.balancers[0]?.directory ?? "", path);
  const tell = (line: string): Promise<string> => say(inBalancer("run/haproxy/admin.sock"), line);

  function configure(options = ""): void {
    const judge = `{ rate: 240, warm-up: 500ms, pre-check: 0s, paths: [/]${options} }`;
    const canary = `{ steps: [20%, 100%], hold: 1s, judge: ${judge} }`;
    judged.configure(`{ strategy: canary, bake: 100ms, canary: ${canary} }`);
  }

  /** In the middle of the step it is for haproxy as if h1 was down, with the weight that it was told. */
  async function deployWithout(): Promise<Running> {
    const deploying = await judged.begin({ VERSION: "v1" });
    const isShared = ({ why }: { readonly why?: string }): boolean =>
      why?.startsWith("judging the new release with 20 %") === true;
    await deploying.until("the share", isShared);
    await tell("disable health be_web/h1;set server be_web/h1 health down");
    return deploying;
  }

  test("pauses with what was told, what was measured and what to do; once it is mended, resume goes on", async () => {
    configure();
    const deploying = await deployWithout();
    const ended = await deploying.ended;
    console.log(ended?.problem);
    expect(ended, deploying.story()).toMatchObject({
      exit: 6,
      problem: {
        code: "CANARY_SPLIT",
        why: expect.stringMatching(
          /^Of [\d,]+ requests of web at lb1, h1 got [\d.]+ % instead of 20 %, h2 [\d.]+ % instead of 80 %\. /,
        ),
        fix: expect.stringMatching(/cutover status.*split: false.*cutover resume.*promote.*abort/),
      },
    });
    expect(deploying.story()).toMatch(
      /split {4}of [\d,]+ requests of web at lb1, h1 got .* not as told, .* to 1/,
    );
    expect(deploying.story()).toContain("split    lb1 takes web on h1 for down");
    expect(await judged.shop.versions()).toEqual(["v1", "v0"]);
    await tell(back);
    const resumed = await judged.shop.program.run(["resume", "--yes"]);
    expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
    expect(resumed.stdout).toMatch(/split {4}of [\d,]+ requests of web at lb1, .*: as told/);
    expect(await judged.shop.versions()).toEqual(["v1", "v1"]);
  });

  test("goes on where split: false says that it has to be so", async () => {
    configure(", split: false");
    const deploying = await deployWithout();
    expect(await deploying.ended, deploying.story()).toMatchObject({ exit: 0 });
    expect(deploying.story()).not.toContain("split ");
  });

  test("is told before that it will not be exact where clients stick to a server, and is judged without", async () => {
    const config = inBalancer("etc/haproxy/haproxy.cfg");
    const before = readFileSync(config, "utf8");
    const text = before.replace(/^backend be_web$/m, "$&\n  balance source\n  hash-type consistent");
    const at = text.split("\n").findIndex((line) => line.includes("balance source")) + 1;
    const line = `"balance source" (/etc/haproxy/haproxy.cfg:${at})`;
    const told = `lb1: The backend "be_web" of haproxy lets clients stick to a server by ${line}, so a canary's share of the requests cannot be held exactly and the judge does not check it.`;
    writeFileSync(config, text);
    await judged.shop.bed.balancers[0]?.run(["sh", "-c", "kill -USR2 $(cat /run/haproxy.pid)"]);
    await until("haproxy has it", async () => /^be_web,BACKEND,.*,source,/m.test(await tell("show stat")));
    await judged.shop.write({ VERSION: "v2" });
    const plan = async (): Promise<string> => {
      const ran = await judged.shop.program.run(["plan"]);
      return ran.stdout + ran.stderr;
    };
    judged.configure("{ strategy: rolling, batch: 1 }");
    expect(await plan()).not.toContain("clients stick");
    configure();
    expect(await plan()).toContain(told);
    expect(readFileSync(config, "utf8")).toBe(text);
    const ran = await judged.deploy({ VERSION: "v2" });
    console.log(ran.stdout);
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout + ran.stderr).toContain(told);
    expect(ran.stdout).toContain(
      `split    left out for web at lb1, which goes by more than weights: ${line}`,
    );
    expect(await judged.shop.versions()).toEqual(["v2", "v2"]);
  });
});
