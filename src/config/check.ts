import { nearest } from "../nearest.ts";
import { exits, Problem } from "../problem.ts";
import { inconsistencies } from "./consistency.ts";
import { isJudgedUnasked } from "./consistency/judge.ts";
import { laterUses } from "./later.ts";
import type { RawConfig } from "./raw.ts";
import { ownKeys, schema } from "./schema.ts";
import { object } from "./shape.ts";
import { overlay, placeOf, type Written } from "./stages.ts";
import { type Issue, isMap, validate } from "./validate.ts";

/** The config of the stage, valid and complete, or a Problem with every error in it. `label` names the file in words. */
export async function checkConfig(written: Written, label: string): Promise<RawConfig> {
  const { value } = written.document;
  const { stages, ...base } = isMap(value) ? value : {};
  const known = isMap(stages) ? stages : {};
  if (written.stage !== undefined && !Object.hasOwn(known, written.stage)) {
    throw unknownStage(written.stage, Object.keys(known), label);
  }
  const merged = written.stage === undefined ? base : overlay(base, known[written.stage]);
  const whole = isMap(value) || value === null ? merged : value;
  const issues = [
    ...validate(whole, schema),
    ...validate(stages === undefined ? {} : { stages }, schema, [], { isPartial: true }),
  ];
  if (issues.length > 0) {
    throw invalid(issues, label, written);
  }
  refuseLater(merged, written);
  const raw = await complete(merged);
  const contradictions = inconsistencies(raw);
  if (contradictions.length > 0) {
    throw invalid(contradictions, label, written);
  }
  const judged = isJudgedUnasked(raw) ? await complete(withJudge(raw)) : raw;
  return { ...judged, path: raw.path.replaceAll("<app>", raw.app) };
}

async function complete(written: unknown): Promise<RawConfig> {
  const { withDefaults } = await import("./defaults.ts");
  const raw = withDefaults(written, object(ownKeys));
  if (!isRawConfig(raw)) {
    throw new Error("a default of the schema is not valid");
  }
  return raw;
}

function withJudge({ rollout, ...others }: RawConfig): unknown {
  return { ...others, rollout: { ...rollout, canary: { ...rollout.canary, judge: true } } };
}

function isRawConfig(value: unknown): value is RawConfig {
  return validate(value, schema).length === 0;
}

function inWords(issue: Issue, written: Written): string {
  const { line, column } = placeOf(issue.path, written);
  return `line ${line}, column ${column}: ${issue.message}`.replace(`stages.${written.stage}.`, "");
}

function invalid(issues: readonly Issue[], label: string, written: Written): Problem {
  // What a stage says wrongly is wrong in the merged config too.
  const unique = [...new Map(issues.map((issue) => [inWords(issue, written), issue]))];
  const [first] = unique;
  const code = "CONFIG_INVALID";
  const fix = '"cutover docs KEY" explains a key.';
  if (first !== undefined && unique.length === 1) {
    const [line, issue] = first;
    const what = `${label}, ${line.replace(/[.?]?$/, (end) => end || ".")}`;
    return new Problem({ code, what, why: issue.why, fix: issue.fix ?? fix, exit: exits.usage });
  }
  const lines = unique.map(([line, issue]) => `${line}${issue.fix === undefined ? "" : `. ${issue.fix}`}`);
  return new Problem({
    code,
    what: `${label} has ${lines.length} errors.`,
    evidence: lines,
    fix,
    exit: exits.usage,
  });
}

function unknownStage(stage: string, known: readonly string[], label: string): Problem {
  const meant = nearest(stage, known);
  return new Problem({
    code: "CONFIG_STAGE",
    what: `${label} has no stage "${stage}".`,
    why: known.length === 0 ? "It has no stages." : `It has ${known.join(", ")}.`,
    fix: meant === undefined ? "Add it under stages: or leave --stage out." : `--stage ${meant}`,
    exit: exits.usage,
  });
}

function refuseLater(merged: unknown, written: Written): void {
  const use = laterUses(merged, schema)[0];
  if (use === undefined) {
    return;
  }
  const key = use.path.join(".");
  throw new Problem({
    code: "NOT_YET",
    what: `${key} (line ${placeOf(use.path, written).line}) is not possible yet: this version ${use.instead}.`,
    fix: `Remove ${key} from the config.`,
    exit: exits.usage,
  });
}
