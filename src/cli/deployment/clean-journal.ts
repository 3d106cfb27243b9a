import type { Outcome } from "../../plan/effect.ts";
import type { Journal } from "../../plan/fleet-port.ts";
import type { JournalRecord } from "../../plan/record.ts";
import type { ProblemDetail } from "../../problem.ts";

type Redact = (text: string) => string;

/** The same journal without secrets in what it tells: log lines and answers of a program may hold them. */
export function cleanJournal<Kind extends Journal>(journal: Kind, redact: Redact): Kind {
  return { ...journal, append: (record: JournalRecord) => journal.append(cleanRecord(record, redact)) };
}

function cleanRecord(record: JournalRecord, redact: Redact): JournalRecord {
  if (record.kind === "outcome") {
    return { ...record, outcome: cleanOutcome(record.outcome, redact) };
  }
  return "problem" in record && record.problem !== undefined
    ? { ...record, problem: cleanProblem(record.problem, redact) }
    : record;
}

function cleanOutcome(outcome: Outcome, redact: Redact): Outcome {
  switch (outcome.outcome) {
    case "done":
      return { ...outcome, notes: outcome.notes?.map(redact) };
    case "stale":
      return outcome;
    case "refused":
      return { ...outcome, problem: cleanProblem(outcome.problem, redact) };
    case "unknown":
      return { ...outcome, why: redact(outcome.why) };
  }
}

function cleanProblem(problem: ProblemDetail, redact: Redact): ProblemDetail {
  const clean = (text: string | undefined): string | undefined => text && redact(text);
  return {
    ...problem,
    what: redact(problem.what),
    why: clean(problem.why),
    fix: clean(problem.fix),
    state: clean(problem.state),
    evidence: problem.evidence?.map(redact),
  };
}
