import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { holdDeployLock, lockByHand, readHandLock, unlockByHand } from "../../../src/fleet/deploy-lock.ts";
import { raiseEpoch, readEpoch, underEpoch } from "../../../src/fleet/epoch.ts";
import { takeLock } from "../../../src/fleet/flock.ts";
import { runCommand } from "../../../src/release/command.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { runModule, until } from "../release/child.ts";

const me = {
  operator: "ada@laptop",
  pid: process.pid,
  doing: "deploy 20261121101502",
  since: Date.UTC(2026, 10, 21),
};

async function holder(dir: string): Promise<ChildProcess> {
  const child = runModule(`
    const { holdDeployLock } = await load("fleet/deploy-lock.js");
    await holdDeployLock(${JSON.stringify(dir)}, ${JSON.stringify({ ...me, pid: 1 })});
    process.on("SIGINT", () => console.log("finishing"));
    console.log("held");
    setInterval(() => {}, 1000);`);
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

describe("the lock of a deployment", () => {
  test("tells the second at once who holds it, since when and for what", async () => {
    const dir = scratch();
    const lock = await holdDeployLock(dir, me);
    const began = performance.now();
    const problem = await problemOf(holdDeployLock(dir, { ...me, operator: "bob" }));
    expect(performance.now() - began).toBeLessThan(2000);
    expect(problem).toMatchObject({ code: "LOCK_HELD", exit: 3 });
    expect(problem.what).toContain("ada@laptop");
    expect(problem.what).toContain("deploy 20261121101502");
    expect(problem.what).toContain("2026-11-21T00:00:00.000Z");
    await lock.release();
    await (await holdDeployLock(dir, me)).release();
  });

  test("is free the moment its owner was killed", async () => {
    const dir = scratch();
    const owner = await holder(dir);
    expect((await problemOf(holdDeployLock(dir, me))).code).toBe("LOCK_HELD");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    const began = performance.now();
    await until(() =>
      holdDeployLock(dir, me).then(
        (lock) => lock.release().then(() => true),
        () => false,
      ),
    );
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test("outlives the Ctrl-C that its owner is finishing a step after", async () => {
    const dir = scratch();
    const owner = await holder(dir);
    process.kill(-(owner.pid ?? NaN), "SIGINT");
    if (owner.stdout !== null) await once(owner.stdout, "data");
    expect((await problemOf(holdDeployLock(dir, me))).code).toBe("LOCK_HELD");
  });

  test("is inherited by nothing that is started while it is held", async () => {
    const dir = scratch();
    const lock = await holdDeployLock(dir, me);
    const daemon = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    onTestFinished(() => void daemon.kill("SIGKILL"));
    const run = {
      line: "sleep 600 & echo $!",
      cwd: dir,
      env: { PATH: process.env["PATH"] ?? "" },
      timeoutMs: 5000,
    };
    const { lines } = await runCommand({ ...run, onLine: () => undefined });
    const left = Number(lines[0]);
    onTestFinished(() => void process.kill(left, "SIGKILL"));
    for (const pid of [daemon.pid ?? NaN, left]) {
      const open = readdirSync(`/proc/${String(pid)}/fd`).map((fd) =>
        readlinkSync(`/proc/${String(pid)}/fd/${fd}`),
      );
      expect(open.filter((path) => path.startsWith(dir))).toEqual([]);
    }
    await lock.release();
    await (await holdDeployLock(dir, me)).release();
  });

  test("by hand freezes deployments until it is taken away", async () => {
    const dir = scratch();
    await lockByHand(dir, { operator: "ada", since: me.since, message: "Black Friday" });
    expect((await lockByHand(dir, { operator: "bob", since: 1, message: "no" })).operator).toBe("ada");
    const problem = await problemOf(holdDeployLock(dir, me));
    expect(problem).toMatchObject({ code: "LOCKED_BY_HAND", exit: 3 });
    expect(problem.what).toContain("Black Friday");
    expect(await unlockByHand(dir)).toMatchObject({ operator: "ada" });
    expect(await unlockByHand(dir)).toBeNull();
    await (await holdDeployLock(dir, me)).release();
  });

  test("a lock file that somebody wrote by hand locks too", async () => {
    const dir = scratch();
    writeFileSync(join(dir, "lock"), "back in an hour\n");
    expect(await readHandLock(dir)).toMatchObject({ message: "back in an hour" });
  });

  test("a directory that is not there is a problem and no stack trace", async () => {
    expect((await problemOf(holdDeployLock(join(scratch(), "none"), me))).code).toBe("LOCK_FAILED");
  });
});

describe("the epoch", () => {
  test("is accepted from one operator, however many want it at once", async () => {
    const dir = scratch();
    expect(await readEpoch(dir)).toBe(0);
    const raised = await Promise.all(
      Array.from({ length: 8 }, (_, index) => raiseEpoch(dir, 3, `op ${String(index)}`)),
    );
    expect(raised.filter((one) => one.accepted)).toHaveLength(1);
    expect(new Set(raised.map((one) => one.epoch))).toEqual(new Set([3]));
    expect(await readEpoch(dir)).toBe(3);
    expect(await raiseEpoch(dir, 2, "late")).toEqual({ accepted: false, epoch: 3 });
  });

  test("an effect of an older one is not applied", async () => {
    const dir = scratch();
    const mine = 1;
    await raiseEpoch(dir, mine, "ada");
    expect(await underEpoch(dir, mine, () => Promise.resolve("applied"))).toBe("applied");
    const theirs = 2;
    await raiseEpoch(dir, theirs, "bob");
    let isApplied = false;
    const apply = (): Promise<void> => {
      isApplied = true;
      return Promise.resolve();
    };
    expect(await underEpoch(dir, mine, apply)).toEqual({ outcome: "stale", epoch: theirs });
    expect(isApplied).toBe(false);
  });

  test("nobody raises it between the check of an effect and its end", async () => {
    const dir = scratch();
    const mine = 1;
    await raiseEpoch(dir, mine, "ada");
    const order: string[] = [];
    let finish = (): void => undefined;
    const effect = underEpoch(dir, mine, async () => {
      order.push("begun");
      await new Promise<void>((resolve) => (finish = resolve));
      order.push("ended");
    });
    await until(() => order.length === 1);
    const raised = raiseEpoch(dir, 2, "bob").then(() => order.push("raised"));
    expect(await takeLock(join(dir, "epoch.lock"), 0)).toBeNull();
    finish();
    await Promise.all([effect, raised]);
    expect(order).toEqual(["begun", "ended", "raised"]);
  });

  test("effects of one operator run beside each other", async () => {
    const dir = scratch();
    const mine = 1;
    await raiseEpoch(dir, mine, "ada");
    const begun: string[] = [];
    const meet = async (name: string): Promise<string> => {
      begun.push(name);
      await until(() => begun.length === 2);
      return name;
    };
    const both = ["web", "api"].map((name) => underEpoch(dir, mine, () => meet(name)));
    expect(await Promise.all(both)).toEqual(["web", "api"]);
  });

  test("an effect that fails gives its lock back", async () => {
    const dir = scratch();
    const mine = 1;
    await raiseEpoch(dir, mine, "ada");
    await expect(underEpoch(dir, mine, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await raiseEpoch(dir, 2, "bob")).toEqual({ accepted: true, epoch: 2 });
  });

  test("is free the moment the one who applies an effect was killed", async () => {
    const dir = scratch();
    await raiseEpoch(dir, 1, "ada");
    const child = runModule(`
      const { underEpoch } = await load("fleet/epoch.js");
      await underEpoch(${JSON.stringify(dir)}, 1, async () => "applied");
      await underEpoch(${JSON.stringify(dir)}, 1, async () => {
        console.log("begun");
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      });`);
    if (child.stdout !== null) await once(child.stdout, "data");
    expect(await takeLock(join(dir, "epoch.lock"), 0)).toBeNull();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await raiseEpoch(dir, 2, "bob")).toEqual({ accepted: true, epoch: 2 });
  });

  test("lets another operator in though the effects of one follow each other without a pause", async () => {
    const dir = scratch();
    await raiseEpoch(dir, 1, "ada");
    const child = runModule(`
      const { underEpoch } = await load("fleet/epoch.js");
      const effect = async () => {
        while ((await underEpoch(${JSON.stringify(dir)}, 1, async () => "applied")) === "applied") console.log("one");
      };
      await Promise.all([effect(), effect()]);`);
    if (child.stdout !== null) await once(child.stdout, "data");
    expect(await raiseEpoch(dir, 2, "bob")).toEqual({ accepted: true, epoch: 2 });
    expect(await once(child, "close")).toEqual([0, null]);
  });

  test("keeps nobody from ending who has applied effects", async () => {
    const dir = scratch();
    const child = runModule(`
      const { raiseEpoch, underEpoch } = await load("fleet/epoch.js");
      await raiseEpoch(${JSON.stringify(dir)}, 1, "ada");
      for (const one of ["a", "b"]) console.log(await underEpoch(${JSON.stringify(dir)}, 1, async () => one));`);
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(said).toBe("a\nb\n");
  });

  test("is that of the directory which is there now, though one of the same name was removed", async () => {
    const dir = join(scratch(), "home");
    for (const turn of ["first", "second"]) {
      mkdirSync(dir);
      await raiseEpoch(dir, 1, "ada");
      const effect = underEpoch(dir, 1, async () => {
        expect(await takeLock(join(dir, "epoch.lock"), 0)).toBeNull();
        return turn;
      });
      expect(await effect).toBe(turn);
      rmSync(dir, { recursive: true });
    }
    expect((await problemOf(underEpoch(dir, 1, () => Promise.resolve("applied")))).code).toBe("LOCK_FAILED");
  });

  test.each(["", "garbage"])("a file that reads %j is never taken for a number", async (text) => {
    const dir = scratch();
    writeFileSync(join(dir, "epoch"), text);
    expect((await problemOf(raiseEpoch(dir, 1, "ada"))).code).toBe("EPOCH_UNREADABLE");
    expect(readFileSync(join(dir, "epoch"), "utf8")).toBe(text);
  });
});
