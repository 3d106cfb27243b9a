import type { Effect } from "../../plan/effect.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import type { Goal } from "../../plan/record.ts";
import { rolloutOf } from "../../plan/rollout.ts";
import { nameHosts } from "./hosts.ts";
import { type StepText, stepText, titleOf } from "./step-text.ts";
import { wrap } from "./wrap.ts";

/** Steps of one stage, the same step on several hosts as one line. */
interface Section {
  readonly title: string;
  /** Hosts that get the release in it. */
  readonly hosts: readonly string[];
  readonly lines: readonly Line[];
}

interface Line extends StepText {
  readonly hosts: readonly string[];
}

/** The steps in order, numbered, stage by stage; stages that do the same to other hosts are told once. */
export function planText(plan: Plan, columns: number): string {
  const { goal } = plan;
  const isFleet = goal.hosts.length > 1 || goal.balancers.length > 0;
  let number = 0;
  const numbered = (line: string): string => {
    number += 1;
    return `${String(number).padStart(4)}. ${wrap(line, columns, 6)}`;
  };
  const sections = joinEqual(sectionsOf(plan)).map(({ title, hosts, lines }) => [
    ...(isFleet ? [`\n${wrap(title, columns, 2)}`] : []),
    ...lines.map((line) =>
      // The title has named them.
      numbered(line.hosts.length === hosts.length ? line.sentence : titleOf(line, line.hosts, goal.hosts)),
    ),
  ]);
  return sections.flat().join("\n").replace(/^\n/, "");
}

function sectionsOf({ goal, steps }: Plan): readonly Section[] {
  const { stages, order } = rolloutOf(goal);
  const last = cleanUpFrom(steps);
  const groups = new Map<number, PlannedStep[]>();
  steps.forEach((step, index) => {
    const stage = isPreparation(step) ? -1 : index >= last ? stages.length : step.stage;
    const group = groups.get(stage) ?? [];
    group.push(step);
    groups.set(stage, group);
  });
  return [...groups].map(([index, group]) => {
    const stage = stages[index];
    const hosts = stage === undefined ? [] : order.slice(stage.from, stage.to);
    const title = stage?.says ?? (index < 0 ? "make ready" : "clean up");
    return { title: capital(title), hosts, lines: linesOf(goal, group, hosts) };
  });
}

/** Index of the first step that comes behind the last stage: the watch over it, then what is given up. */
function cleanUpFrom(steps: readonly PlannedStep[]): number {
  const from = steps.findLastIndex(({ effect }) => effect !== undefined && !isCleanUp(effect)) + 1;
  const watch = steps.findLastIndex(({ waitMs }) => waitMs !== undefined);
  return Math.max(from, watch);
}

function isCleanUp(effect: Effect): boolean {
  if (effect.layer === "hook") return effect.point === "after-deploy";
  return (effect.layer === "release" || effect.layer === "process") && effect.verb === "drain";
}

/** What happens everywhere before the first stage. */
function isPreparation({ effect }: PlannedStep): boolean {
  if (effect?.layer === "database") return true;
  return effect?.layer === "release" && (effect.verb === "stage" || effect.verb === "check");
}

function linesOf(goal: Goal, steps: readonly PlannedStep[], hosts: readonly string[]): readonly Line[] {
  const lines = new Map<string, Line & { readonly hosts: string[] }>();
  for (const { effect, sentence, why } of steps) {
    if (effect === undefined) {
      lines.set(`${why} ${lines.size}`, { sentence, detail: undefined, namesItsHost: true, hosts: [] });
      continue;
    }
    const text = sentenceOf(overall(effect, hosts), goal);
    const key = `${why}\n${text.sentence}`;
    const line = lines.get(key) ?? { ...text, hosts: [] };
    line.hosts.push(effect.host);
    lines.set(key, line);
  }
  return [...lines.values()];
}

/** Of the traffic the title says the aim, and the step who gets what. */
function sentenceOf(effect: Effect, goal: Goal): StepText {
  const text = stepText(effect, goal);
  return text.detail === undefined ? text : { ...text, sentence: `On ${effect.host}: ${text.detail}` };
}

/** The servers of a balancer's step are those of its stage more often than not, and then need no names. */
function overall(effect: Effect, hosts: readonly string[]): Effect {
  if (effect.layer !== "traffic" || effect.verb === "switch") return effect;
  const isAll = hosts.length > 1 && effect.servers.length === hosts.length;
  return isAll ? { ...effect, servers: ["each of them"] } : effect;
}

/** Batch after batch is the same but for the names. */
function joinEqual(sections: readonly Section[]): readonly Section[] {
  const joined: Section[] = [];
  let batches: Section[] = [];
  const close = (): void => {
    const [first] = batches;
    if (first === undefined) return;
    joined.push(batches.length === 1 ? first : inBatches(first, batches));
    batches = [];
  };
  for (const section of sections) {
    const before = batches[0];
    if (before === undefined || signature(before) !== signature(section)) close();
    batches.push(section);
  }
  close();
  return joined;
}

function signature({ hosts, lines }: Section): string {
  if (hosts.length === 0) return JSON.stringify([lines]);
  return JSON.stringify(lines.map(({ sentence }) => plainly(sentence, hosts)));
}

function inBatches(first: Section, batches: readonly Section[]): Section {
  const hosts = batches.flatMap((batch) => batch.hosts);
  const lines = first.lines.map((line) => ({
    ...line,
    sentence: plainly(line.sentence, first.hosts),
    hosts,
  }));
  const pace = first.hosts.length === 1 ? "one after the other" : `${first.hosts.length} at a time`;
  return { title: `The release on ${nameHosts(hosts)}, ${pace}`, hosts, lines };
}

function plainly(sentence: string, hosts: readonly string[]): string {
  const [only] = hosts;
  return hosts.length === 1 && only !== undefined
    ? sentence
        .split(" ")
        .map((word) => (word === only ? "each" : word))
        .join(" ")
    : sentence.replace("each of them", "each");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
