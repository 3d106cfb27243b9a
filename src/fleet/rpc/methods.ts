import type { BalancerEnd, HostEnd } from "../end.ts";

/** live: its last argument is a Live, whose events come back and whose signal goes along. */
type Kind = "plain" | "live";

/** What is known of an end without asking, or is asked of the connection. */
type Local = "name" | "about" | "close";

export type Methods<End> = Readonly<Record<Exclude<keyof End, Local>, Kind>>;

const fenced = { epoch: "plain", raise: "plain" } as const;

/** A new method of an end is one line here; both sides follow. */
export const hostMethods: Methods<HostEnd> = {
  ...fenced,
  observe: "plain",
  apply: "live",
  services: "plain",
  preflight: "plain",
  resolveRevision: "plain",
  digestEnv: "plain",
  releaseOnDisk: "plain",
  hasUpload: "plain",
  readUpload: "plain",
  sendUpload: "plain",
  reserveRelease: "plain",
  leaveWish: "plain",
  clearWish: "plain",
  journals: "plain",
  readJournal: "plain",
  appendJournal: "plain",
  saveProof: "plain",
  readProof: "plain",
  saveSettings: "plain",
  loadSettings: "plain",
  liveSettings: "plain",
  holdLock: "plain",
  releaseLock: "plain",
  lockState: "plain",
  lockByHand: "plain",
  unlockByHand: "plain",
};

export const balancerMethods: Methods<BalancerEnd> = {
  ...fenced,
  observe: "plain",
  apply: "live",
  counters: "plain",
  frontends: "plain",
  preflight: "plain",
  compare: "plain",
};
