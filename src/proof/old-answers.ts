import type { Circumstances } from "./proof.ts";
import type { ProofResult, VersionSpan, WindowResult } from "./result.ts";

type About = Pick<Circumstances, "serves" | "gone" | "isOfSeveral" | "isUndone">;

/** Answers of another release than the one that serves, to requests due after the end; null: nobody can tell. */
export function oldAnswersOf(window: WindowResult, result: ProofResult, about: About): number | null {
  const { serves, gone, isOfSeveral } = about;
  const { answersAfter } = window;
  if (serves === null || answersAfter.length === 0) return null;
  const known = result.versions.map(({ version }) => version);
  if (isOfSeveral === true) {
    const isTold = [...window.versionsBefore, ...window.versionsAfter].includes(serves);
    return isTold ? answersBy(window, (version) => version === gone) : null;
  }
  const isOurs = known.includes(serves) || (typeof gone === "string" && known.includes(gone));
  if (isOurs) return answersBy(window, (version) => version !== serves);
  // One word all through may be that of both releases.
  return known.length === 1 ? null : foreignAnswers(window, about);
}

/** A program's versions may be other words than our release ids: then they tell the releases apart only where they changed. */
function foreignAnswers(window: WindowResult, { isUndone }: About): number | null {
  const { answersAfter, versionsBefore } = window;
  if (isUndone === true && versionsBefore.length > 0)
    return answersBy(window, (version) => !versionsBefore.includes(version));
  const fresh = answersAfter.filter(({ version }) => !versionsBefore.includes(version));
  if (fresh.length === 0 && versionsBefore.length === 1) return null;
  const wanted = lastOf(fresh.length > 0 ? fresh : answersAfter);
  return answersBy(window, (version) => version !== wanted);
}

/**
 * True: another word answered meanwhile, and in the end the one from before alone. Somebody else may have answered for a moment;
 * or the new release does not serve.
 */
export function isBackAtOld(window: WindowResult, result: ProofResult, about: About): boolean {
  const { serves, isUndone, isOfSeveral } = about;
  const { answersAfter, versionsBefore } = window;
  const [before] = versionsBefore;
  const isOnlyBefore = versionsBefore.length === 1 && answersAfter.every(({ version }) => version === before);
  const isAmbiguous = oldAnswersOf(window, result, about) === null && result.versions.length > 1;
  return (
    serves !== null &&
    isUndone !== true &&
    isOfSeveral !== true &&
    isAmbiguous &&
    answersAfter.length > 0 &&
    isOnlyBefore
  );
}

/** The last one to answer is the one that serves. */
function lastOf(spans: readonly VersionSpan[]): string | undefined {
  return spans.toSorted((one, other) => other.lastMs - one.lastMs)[0]?.version;
}

function answersBy({ answersAfter }: WindowResult, isOld: (version: string) => boolean): number {
  return answersAfter.reduce((sum, { version, answers }) => (isOld(version) ? sum + answers : sum), 0);
}
