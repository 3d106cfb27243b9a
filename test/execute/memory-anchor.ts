import type { Anchor } from "../../src/execute/anchor.ts";
import { Problem } from "../../src/problem.ts";

/** An anchor in memory, with the semantics of a host's files, that can be full, away, or slow. */
export interface MemoryAnchor extends Anchor {
  readonly files: Map<string, string>;
  accepted: number;
  /** "full": a part of the next text is written and then refused; "gone": no answer; "lost": done, but no answer. */
  fault: "none" | "full" | "gone" | "lost";
  /** Every append waits for it. */
  pause: Promise<void>;
}

export function memoryAnchor(name: string): MemoryAnchor {
  const refuse = (code: string, what: string): never => {
    throw new Problem({ code, what });
  };
  const anchor: MemoryAnchor = {
    name,
    files: new Map(),
    accepted: 0,
    fault: "none",
    pause: Promise.resolve(),
    epoch: async () => anchor.accepted,
    async journals(count) {
      if (anchor.fault === "gone") refuse("CONNECTION_LOST", `${name} is gone.`);
      const ids = [...anchor.files.keys()].sort((a, b) => Number(a) - Number(b));
      return ids.slice(-count).map((id) => ({ id, text: anchor.files.get(id) ?? "" }));
    },
    async readJournal(id) {
      if (anchor.fault === "gone") refuse("CONNECTION_LOST", `${name} is gone.`);
      return anchor.files.get(id) ?? "";
    },
    async appendJournal({ id, at, text, epoch, isRepair }) {
      await anchor.pause;
      if (anchor.fault === "gone") refuse("CONNECTION_LOST", `${name} is gone.`);
      const before = Buffer.from(anchor.files.get(id) ?? "");
      const isFitting = before.length >= at && (isRepair || !before.includes(10, at));
      if (epoch !== anchor.accepted || !isFitting) return false;
      const part = anchor.fault === "full" ? text.slice(0, text.length >> 1) : text;
      anchor.files.set(id, before.subarray(0, at).toString() + part);
      if (anchor.fault === "full") refuse("DISK_FULL", `The disk of ${name} is full.`);
      if (anchor.fault === "lost") refuse("CONNECTION_LOST", `${name} did not answer.`);
      return true;
    },
  };
  return anchor;
}

export function memoryAnchors(): readonly [MemoryAnchor, MemoryAnchor, MemoryAnchor] {
  return [memoryAnchor("web1"), memoryAnchor("web2"), memoryAnchor("web3")];
}

/** As the barrier does, on those that answer. */
export function raiseAll(anchors: readonly MemoryAnchor[], epoch: number): void {
  for (const anchor of anchors) if (anchor.fault !== "gone") anchor.accepted = epoch;
}
