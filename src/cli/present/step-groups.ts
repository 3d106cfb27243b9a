import type { Effect } from "../../plan/effect.ts";
import type { CutoverEvent } from "../../plan/event.ts";
import { groupTexts, nameHosts } from "./hosts.ts";
import { stepText, type StepText } from "./step-text.ts";

type Ended = Extract<CutoverEvent, { event: "outcome" }>;

/** One outcome, or those of all hosts on which it was done. */
export interface EndedGroup extends StepText {
  readonly events: readonly Ended[];
}

/** The same step on several hosts at once, shown as one. */
export interface StepGroup extends StepText {
  readonly startedAt: number;
  /** Host -> its last line of output, while it is at work. */
  readonly running: Map<string, string>;
  readonly done: Ended[];
}

/** What runs and what has just ended, step by step instead of host by host. */
export interface StepGroups {
  readonly open: readonly StepGroup[];
  begin(effect: Effect, now: number): StepGroup;
  /** What can be told now: a host that failed by itself, the others when the last of them has ended. */
  end(event: Ended): readonly EndedGroup[];
  /** Remembers a line of output; false: nothing runs on that host. */
  heard(host: string, line: string): boolean;
  clear(): void;
}

export function createStepGroups(): StepGroups {
  const groups = new Map<string, StepGroup>();
  const groupOf = (effect: Effect, now: number): StepGroup => {
    const text = stepText(effect);
    const key = `${text.sentence}\n${text.detail ?? ""}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const group: StepGroup = {
      ...text,
      startedAt: now,
      running: new Map(),
      done: [],
    };
    groups.set(key, group);
    return group;
  };
  const forget = (group: StepGroup): void => {
    for (const [key, one] of groups) if (one === group) groups.delete(key);
  };
  return {
    get open() {
      return [...groups.values()];
    },
    begin(effect, now) {
      const group = groupOf(effect, now);
      group.running.set(effect.host, "");
      return group;
    },
    end(event) {
      const group = groupOf(event.effect, 0);
      group.running.delete(event.effect.host);
      if (group.running.size === 0) forget(group);
      const isDone = event.outcome.outcome === "done";
      if (isDone) group.done.push(event);
      const failed = isDone ? [] : [{ ...group, events: [event] }];
      const isOver = group.running.size === 0 && group.done.length > 0;
      return [...failed, ...(isOver ? [{ ...group, events: group.done }] : [])];
    },
    heard(host, line) {
      const group = [...groups.values()].findLast(({ running }) => running.has(host));
      if (group !== undefined && line.trim() !== "") group.running.set(host, line);
      return group !== undefined;
    },
    clear: () => groups.clear(),
  };
}

/** Why it failed, or what it noted; the same words of several hosts once, and whose they are when not everybody's. */
export function reasonsOf({ events, namesItsHost }: EndedGroup): readonly string[] {
  const texts = events.flatMap(({ effect, outcome }) => {
    const text = reason(outcome);
    return text === "" ? [] : [[effect.host, text] as const];
  });
  return groupTexts(texts).map(([hosts, text]) =>
    hosts.length === events.length || namesItsHost ? text : `${nameHosts(hosts)}: ${text}`,
  );
}

function reason(outcome: Ended["outcome"]): string {
  switch (outcome.outcome) {
    case "done":
      return (outcome.notes ?? []).join("; ");
    case "stale":
      return `another operator took over (epoch ${outcome.epoch})`;
    case "refused":
      return outcome.problem.what;
    case "unknown":
      return outcome.why;
  }
}
