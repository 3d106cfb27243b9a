import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isProblem } from "../../../src/problem.ts";
import { openNotify } from "../../../src/process/supervisor/notify.ts";
import { until } from "./until.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "notify-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const send = `use IO::Socket::UNIX; use Socket;
  my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $ENV{NOTIFY_SOCKET}) or die;
  for (@ARGV) { send($s, $_, 0) or die }`;

async function tell(path: string, ...messages: string[]): Promise<number> {
  const child = spawn("perl", ["-e", send, ...messages], { env: { ...process.env, NOTIFY_SOCKET: path } });
  const [code] = await once(child, "exit");
  return Number(code);
}

async function code(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return isProblem(error) ? error.detail.code : String(error);
}

describe.each(["perl", "python3"])("openNotify with %s", (interpreter) => {
  test("is ready at READY=1 and not before, and leaves nothing behind", async () => {
    const path = join(directory, "notify");
    const receiver = await openNotify(path, [interpreter]);
    let isReady = false;
    receiver.ready.then(
      () => (isReady = true),
      () => undefined,
    );
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(await tell(path, "STATUS=loading\nNOTREADY=1", "READY=10", "STATUS=READY=1")).toBe(0);
    expect(isReady).toBe(false);
    expect(await tell(path, "MAINPID=12\nREADY=1\nSTATUS=up", "BARRIER=1")).toBe(0);
    await receiver.ready;
    // systemd-notify sends its barrier after the message.
    expect(await tell(path, "BARRIER=1")).toBe(0);
    receiver.close();
    await until(() => !existsSync(path));
  });

  test("closing before the message ends the wait", async () => {
    const path = join(directory, "notify");
    const receiver = await openNotify(path, [interpreter]);
    receiver.close();
    expect(await code(receiver.ready)).toBe("NOTIFY_CLOSED");
    expect(existsSync(path)).toBe(false);
  });

  test("a path that cannot be bound is told", async () => {
    expect(await code(openNotify(join(directory, "no/such"), [interpreter]))).toBe("NOTIFY_UNSUPPORTED");
  });
});

test("a socket that an earlier instance left is replaced", async () => {
  const path = join(directory, "notify");
  await openNotify(path);
  const second = await openNotify(path);
  await tell(path, "READY=1");
  await second.ready;
  second.close();
});

test("without perl and python the problem says what to install", async () => {
  expect(await code(openNotify(join(directory, "notify"), []))).toBe("NOTIFY_UNSUPPORTED");
});
