import type { ProblemDetail } from "../../problem.ts";
import { sharesInexact, sharesUnsticky } from "../notices.ts";
import type { Upstream } from "./look.ts";
import type { Setup } from "./setup.ts";
import type { Directive } from "./tokens.ts";

/** How an upstream chooses one of its servers. */
export interface Method {
  /** As it stands in the configuration, with its place. */
  readonly line: string;
  readonly isSticky: boolean;
}

const sticky: ReadonlySet<string> = new Set([
  "ip_hash",
  "hash",
  "sticky",
  "sticky_cookie_insert",
  "sticky_route",
]);
const busy: ReadonlySet<string> = new Set(["least_conn", "least_time", "fair"]);

/** undefined: by turns and weights. */
export function methodOf(block: readonly Directive[]): Method | undefined {
  for (const { words, at } of block) {
    const [name = ""] = words;
    const isBusy = busy.has(name) || (name === "random" && words.length > 1);
    if (sticky.has(name) || isBusy)
      return { line: `"${words.join(" ")}" (${at.file}:${at.line})`, isSticky: !isBusy };
  }
  return undefined;
}

/** A number of its own that each request has: one share is drawn after the other. */
function isDrawn({ split }: Pick<Setup, "split">): boolean {
  return /\$(request_id\b|\{request_id\})/.test(split);
}

/** What beside the weights says who answers; undefined: nothing. */
export function dividedBy(
  setup: Pick<Setup, "split">,
  { method }: Pick<Upstream, "method">,
): string | undefined {
  return isDrawn(setup) ? method?.line : `"${setup.split}" (traffic.options.split)`;
}

/** Cutover draws the release of each request, so the canary's share is exact where that is by chance; its clients move then. */
export function noticeOf(
  setup: Pick<Setup, "split">,
  { backend, method }: Pick<Upstream, "backend" | "method">,
): readonly ProblemDetail[] {
  const upstream = `The upstream "${backend.name}" of nginx`;
  if (!isDrawn(setup))
    return [
      sharesInexact(
        `${upstream} is divided by "${setup.split}" (traffic.options.split)`,
        "A client stays at one release, so the share is one of clients, and some of them send more than others.",
      ),
    ];
  if (method?.isSticky !== true) return [];
  const fix =
    "For clients that have to stay at one release set traffic.options.split, for example to $remote_addr.";
  return [sharesUnsticky(`${upstream} lets clients stick to a server by ${method.line}`, fix)];
}
