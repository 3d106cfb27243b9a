import { cpSync, mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import { freePort, load, mixedLanes } from "../bare.ts";
import { type Host, openHost, type Ran } from "../host.ts";

const apps = join(import.meta.dirname, "../../fixtures/apps");

/** An application with a cutover.yml on a host of its own. */
export interface Shop {
  readonly host: Host;
  readonly project: string;
  /** The app's directory on the host: releases/ shared/ current. */
  readonly path: string;
  readonly port: number;
  /** What the next release is like: settings of the fixture application. */
  write(settings: Readonly<Record<string, string | number>>): void;
  configure(yaml: string): void;
  cutover(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  current(): string | null;
  /** The version that answers now. */
  version(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Short times, so that a deploy takes about a second; `more` adds to the file, `service` to the service web. What a test counts
 * itself need not be measured again, which takes time.
 */
export function shopYaml(
  shop: { readonly path: string; readonly port: number },
  more: {
    readonly service?: string;
    readonly bake?: string;
    readonly text?: string;
    readonly isMeasured?: boolean;
  } = {},
): string {
  return `app: shop
path: ${shop.path}
services:
  web:
    run: node http.cjs
    port: ${shop.port}
    instances: 2
    boot: 8s
    drain: 10s
    health: { path: /health, interval: 50ms, healthy-after: 2, min-uptime: 400ms }
${(more.service ?? "").replaceAll(/^/gm, "    ")}
rollout: { bake: ${more.bake ?? "300ms"} }
${more.isMeasured === true ? "" : "proof: false"}
${more.text ?? ""}
`;
}

export async function openShop(): Promise<Shop> {
  const host = await openHost();
  const project = join(host.directory, "project");
  const path = join(host.directory, "srv");
  mkdirSync(project);
  for (const file of ["http.cjs", "settings.cjs", "websocket.cjs"])
    cpSync(join(apps, file), join(project, file));
  const port = await freePort();
  const shop: Shop = {
    host,
    project,
    path,
    port,
    write: (settings) => writeFileSync(join(project, "settings.json"), JSON.stringify(settings)),
    configure: (yaml) => writeFileSync(join(project, "cutover.yml"), yaml),
    cutover: (words, env) => host.cutover(words, { cwd: project, ...(env === undefined ? {} : { env }) }),
    current() {
      try {
        return basename(readlinkSync(join(path, "current")));
      } catch {
        return null;
      }
    },
    version: () => versionAt(port),
    close: () => host.close(),
  };
  shop.configure(shopYaml(shop));
  shop.write({ VERSION: "v1" });
  return shop;
}

async function versionAt(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  const body = (await response.json()) as { readonly version: string };
  return body.version;
}

/** Exit code with the output beside it, so that a failure can be read. */
export function expectExit(ran: Ran, exit: number): void {
  expect({ exit: ran.exit, out: ran.exit === exit ? "" : ran.stdout + ran.stderr }).toEqual({
    exit,
    out: "",
  });
}

/** Runs `act` under load; the proof counts every request sent meanwhile. */
export async function underLoad<T>(shop: Shop, act: () => Promise<T>, ratePerSecond = 100) {
  const prober = await load(shop.port, mixedLanes(ratePerSecond));
  try {
    const value = await act();
    return { value, proof: await prober.stop() };
  } catch (error) {
    await prober.stop();
    throw error;
  }
}
