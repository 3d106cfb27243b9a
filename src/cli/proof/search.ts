import { hostname } from "node:os";
import type { Config } from "../../config/load.ts";
import type { ProofConfig } from "../../config/proof.ts";
import type { BalancerEnd } from "../../fleet/end.ts";
import { connectsTo } from "../../fleet/ssh/connects-to.ts";
import { parseAddress } from "../../fleet/ssh/address.ts";
import { askOnce } from "../../proof/ask.ts";
import { sayTrying } from "../../proof/proof.ts";
import { type Between, nameTarget, type Target } from "./target.ts";
import type { BalancerPlace } from "./ways-behind.ts";
import { sayUrl, type Unasked, waysOf } from "./ways.ts";

/** Where clients ask; null with the reason. */
export type Found =
  | {
      readonly targets: readonly [Target, ...Target[]];
      /** Addresses of services that answered elsewhere only. */
      readonly leftOut: readonly string[];
      readonly unasked: readonly Unasked[];
    }
  | { readonly targets: null; readonly why: string; readonly fix?: string | undefined };

export interface Searched {
  readonly config: Config;
  readonly balancers: readonly BalancerEnd[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Something was changed already, by an earlier run. */
  readonly isTakenUp?: boolean | undefined;
}

const askMs = 2000;
const mostTold = 3;

/** For each service the first of the ways on which somebody answers as expected; all are tried at once, before anything is changed by this run. */
export async function findTargets(about: Searched, proof: ProofConfig, between: Between): Promise<Found> {
  const isAsked = proof.url === undefined;
  const places = isAsked ? await Promise.all(about.balancers.map((end) => placeOf(end, about))) : [];
  const found = waysOf(about.config, proof, between, places);
  if (found.choices === null) return { targets: null, why: found.why, fix: found.fix };
  const tried = await Promise.all(
    found.choices.map((ways) => Promise.all(ways.map((way) => Promise.all(way.map(tryOne))))),
  );
  const chosen = tried.map((ways) => ways.find((way) => way.some(isFine)) ?? []);
  const [first, ...others] = chosen
    .flat()
    .filter(isFine)
    .map(({ target }) => target);
  if (first === undefined) {
    const why = `${sayTrying(about.isTakenUp)}, this did not answer as it should: ${sayTried(tried.flat(2))}`;
    return {
      targets: null,
      why,
      fix: isAsked ? sayUrl : "Correct proof.url, or see why it does not answer.",
    };
  }
  const silent = tried.filter((_, i) => chosen[i]?.length === 0).map((ways) => silentOf(ways.flat()));
  return {
    targets: [first, ...others],
    leftOut: chosen.flat().flatMap((one) => (isFine(one) ? [] : [nameTarget(one.target)])),
    unasked: [...found.unasked, ...silent],
  };
}

function silentOf(tried: readonly Tried[]): Unasked {
  return { service: tried[0]?.target.service ?? "", why: `does not answer as it should: ${sayTried(tried)}` };
}

async function placeOf(end: BalancerEnd, { config, env }: Searched): Promise<BalancerPlace> {
  const { name } = end;
  const destination = config.balancers.find((one) => parseAddress(one).name === name) ?? name;
  const [told, frontends] = await Promise.all([
    connectsTo(destination, env),
    end.frontends().catch(() => []),
  ]);
  const isLocal = /^(localhost|127\..*|::1)$/.test(told);
  const host = told === "localhost" ? "127.0.0.1" : told;
  return { name, host, isHere: isLocal || end.about.hostname === hostname(), frontends };
}

interface Tried {
  readonly target: Target;
  /** null: it answered as expected. */
  readonly why: string | null;
}

function isFine({ why }: Tried): boolean {
  return why === null;
}

async function tryOne(target: Target): Promise<Tried> {
  return { target, why: await askOnce(target, target.expect, askMs) };
}

function sayTried(tried: readonly Tried[]): string {
  const told = tried.slice(0, mostTold).map(({ target, why }) => `${nameTarget(target)} (${why})`);
  const more = tried.length - told.length;
  const rest = more > 0 ? ` and ${more} more` : "";
  return `${told.join(", ")}${rest}`;
}
