import { stopFirst } from "../replacement/stop-first.ts";
import { nameHosts } from "./in-place.ts";
import type { Strategy } from "./strategy.ts";

/** All hosts at once, the old instances before the new ones: never two releases at the same time, at the price of a downtime. */
export const recreate: Strategy = {
  replacement: stopFirst,
  rollout({ hosts, routing }) {
    const says = `the release on ${nameHosts(hosts)}`;
    const stage = { says, from: 0, to: hosts.length, emptied: false, routing, holdMs: 0 };
    return { order: hosts, stages: [stage], verdict: 0 };
  },
  refuse: () => null,
};
