import type { Ask } from "../../plan/comparison.ts";
import type { Goal } from "../../plan/record.ts";
import type { JudgeSpec } from "../../plan/spec.ts";
import { check, defaults, errors, type JudgeSettings, slow, traffic } from "../../proof/judge/settings.ts";

/** The pure judge's settings. Time is for the stages to say, so it has none of its own. */
export function settingsOf(judge: JudgeSpec): JudgeSettings {
  const signals = [
    ...(judge.errors ? [errors, traffic] : []),
    ...(judge.latency ? [slow] : []),
    ...(judge.check === undefined ? [] : [check]),
  ];
  return {
    ...defaults,
    signals,
    minMs: 0,
    maxMs: Infinity,
    coldMs: judge.warmUpMs,
    onHarm: judge.onHarm,
    isDryRun: judge.isDryRun,
  };
}

/** Of servers that run the same release, warm ones, before anything is changed. */
export function hostSettings(settings: JudgeSettings): JudgeSettings {
  const signals = settings.signals.filter(({ name }) => name === errors.name || name === slow.name);
  return { ...settings, signals: signals.map((signal) => ({ ...signal, needsWarmth: false })) };
}

/** Where the old release hardly answers, nobody waits to learn whether the new one is as quick. */
export function withoutSpeed(settings: JudgeSettings): JudgeSettings {
  const signals = settings.signals.map((signal) =>
    signal.name === slow.name ? { ...signal, isOptional: true } : signal,
  );
  return { ...settings, signals };
}

/** What is asked: the named paths, else the health path, of every service behind the balancer. */
export function asksOf({ spec }: Goal, { paths }: JudgeSpec): readonly Ask[] {
  const behind = spec.services.filter(
    ({ name, port }) => port !== undefined && spec.traffic?.backends[name] !== undefined,
  );
  return behind.flatMap(({ name: service, health }): readonly Ask[] => {
    if (paths.length > 0) return paths.map((path) => ({ service, path, expect: "below-400" }));
    if (health.kind !== "http") return [];
    const expect = health.expect === "any-below-500" ? "below-500" : health.expect;
    return [{ service, path: health.path, expect }];
  });
}
