import { fileURLToPath } from "node:url";
import type { RequestLane } from "../../../../src/proof/load.ts";
import type { Progress } from "../../../../src/proof/prober.ts";
import type { ProofResult, Stats } from "../../../../src/proof/result.ts";
import { startProber } from "../../../../src/proof/start.ts";
import type { Market } from "./market.ts";

export const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148";
export const desktop = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";

/** People on phones and at desktops, all the time; every request is sent once. */
export interface Users {
  begin(act: string): void;
  /** Requests of all of them until now, and how many of those were lost. */
  soFar(): { readonly sent: number; readonly lost: number };
  stop(): Promise<Seen>;
}

export interface Seen {
  readonly phone: ProofResult;
  readonly desktop: ProofResult;
}

const main = fileURLToPath(new URL("../../../../dist/proof/main.js", import.meta.url));

/** `ratePerSecond`: of phones, and of desktops. */
export async function startUsers(market: Market, ratePerSecond: number): Promise<Users> {
  const start = async (userAgent: string) => {
    let progress: Progress = { sent: 0, failed: 0, version: null };
    const load = {
      url: market.url,
      lanes: lanes(market, userAgent, ratePerSecond),
      timeoutMs: 15_000,
      version: { field: "version" },
    };
    const prober = await startProber(load, {
      main,
      via: market.bed.operator.inside([]),
      onProgress: (next) => (progress = next),
    });
    return { ...prober, progress: () => progress };
  };
  const [phones, desktops] = await Promise.all([start(phone), start(desktop)]);
  return {
    begin(act) {
      phones.begin(act);
      desktops.begin(act);
    },
    soFar() {
      const [one, other] = [phones.progress(), desktops.progress()];
      return { sent: one.sent + other.sent, lost: one.failed + other.failed };
    },
    async stop() {
      const [ofPhones, ofDesktops] = await Promise.all([phones.stop(), desktops.stop()]);
      return { phone: ofPhones, desktop: ofDesktops };
    },
  };
}

/** The storefront over connections that are kept and over new ones, and the catalogue by itself. */
function lanes({ catalogUrl }: Market, userAgent: string, ratePerSecond: number): RequestLane[] {
  const share = (part: number) => ({ kind: "open", ratePerSecond: ratePerSecond * part }) as const;
  const kept = { connection: "keep-alive", connections: 10 } as const;
  const common = { kind: "requests", userAgent } as const;
  return [
    { ...common, name: "storefront, kept", ...kept, loop: share(0.375) },
    { ...common, name: "storefront, fresh", connection: "fresh", loop: share(0.375) },
    { ...common, name: "catalog, kept", url: catalogUrl, ...kept, loop: share(0.125) },
    { ...common, name: "catalog, fresh", url: catalogUrl, connection: "fresh", loop: share(0.125) },
  ];
}

/** What these users met in one act, and which releases answered them in its whole seconds. */
export function inAct(result: ProofResult, act: string): Stats & { readonly versions: readonly string[] } {
  const window = result.windows.find(({ name }) => name === act);
  if (window === undefined) throw new Error(`no act ${act}`);
  const whole = result.seconds.slice(Math.ceil(window.fromMs / 1000), Math.floor(window.toMs / 1000));
  const versions = [...new Set(whole.flatMap((second) => Object.keys(second.versions)))].sort();
  return { ...window.during, versions };
}
