import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { HomePaths } from "../../process/home.ts";
import { packageVersion } from "../../process/package/files.ts";
import { exits, Problem } from "../../problem.ts";
import { type Packed, packedNode, packedPackage } from "./packed.ts";
import { installScript } from "./remote-script.ts";
import type { Session } from "./session.ts";

export interface Install {
  readonly name: string;
  readonly home: HomePaths;
  readonly version: string;
  readonly nonce: string;
  /** What is sent, for whoever waits. */
  readonly tell: (text: string) => void;
}

/**
 * Sends what the host has not: this package, and Node when it has none. Then the agent starts.
 * Problems: NODE_MISSING, DISK_FULL, AGENT_NOT_INSTALLED; the host is as before.
 */
export async function installOver(session: Session, install: Install): Promise<void> {
  const packed = await packedPackage(install.home, install.version);
  const receiver = await readFile(new URL("./receive.cjs", import.meta.url), "utf8");
  const { bytes, digest } = packed;
  const script = installScript({ ...install, length: bytes.length, digest, receiver });
  session.child.stdin.write(`${Buffer.byteLength(script)}\n${script}`);
  for (;;) {
    const words = await session.next(stepMs);
    if (words === null) throw notInstalled(install.name, session.said().at(-1) ?? "the connection ended");
    const [word = "", ...rest] = words;
    if (word === "ready") return;
    if (word === "failed") throw notInstalled(install.name, rest.join(" "));
    if (word === "no-node") await sendNode(session, install, rest);
    if (word === "want-package") send(session, install, packed, `cutover ${packageVersion()}`);
  }
}

/** Node is 40 MB packed, and lines are slow. */
const stepMs = 15 * 60_000;
const systems: Readonly<Record<string, string>> = { Linux: "linux", Darwin: "darwin" };
const machines: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64", arm64: "arm64" };

async function sendNode(session: Session, install: Install, words: readonly string[]): Promise<void> {
  const [system = "", machine = "", packing = ""] = words;
  const isSame = systems[system] === process.platform && machines[machine] === process.arch;
  if (!isSame) {
    const here = `${process.platform} on ${process.arch}`;
    throw nodeMissing(
      install.name,
      `It is ${system} on ${machine}; this machine, whose Node could be sent, is ${here}.`,
    );
  }
  const packed = await packedNode(install.home);
  const bytes = packing === "gzip" ? packed.bytes : gunzipSync(packed.bytes);
  const name = `${process.version}-${process.platform}-${process.arch}`;
  session.child.stdin.write(`${bytes.length} ${name}\n`);
  send(session, install, { ...packed, bytes }, `Node ${process.version}`);
}

function send(session: Session, { name, tell }: Install, { bytes }: Packed, what: string): void {
  tell(`Installing ${what} on ${name} (${(bytes.length / 1e6).toFixed(1)} MB, once)`);
  session.child.stdin.write(bytes);
}

function notInstalled(name: string, why: string): Problem {
  const unusable = /^node-unusable ?(.*)/s.exec(why);
  if (unusable !== null)
    return nodeMissing(
      name,
      `The Node of this machine does not run there: ${unusable[1] || "it is of another kind"}.`,
    );
  const isFull = /no space left|ENOSPC|quota exceeded|EDQUOT/i.test(why);
  return new Problem({
    code: isFull ? "DISK_FULL" : "AGENT_NOT_INSTALLED",
    what: `cutover could not be put onto ${name}${isFull ? ": the disk there is full" : ""}.`,
    why,
    fix: isFull
      ? `Free space on ${name} (df -h and df -i show where).`
      : `Let the user who deploys own ~/.cutover on ${name}, or set CUTOVER_HOME there.`,
    state: `Nothing was changed on ${name}.`,
    exit: exits.refused,
  });
}

function nodeMissing(name: string, why: string): Problem {
  return new Problem({
    code: "NODE_MISSING",
    what: `${name} has no Node.js 20.19 or newer.`,
    why,
    fix: `Install Node.js on ${name}, where the PATH of a command over ssh finds it.`,
    state: `Nothing was changed on ${name}.`,
    exit: exits.refused,
  });
}
