import { storedProof } from "../../proof/stored.ts";
import type { Measured, Unmeasured } from "./measure.ts";

/** One copy of what was measured, as a server keeps it. */
export interface Kept {
  readonly measured: Measured;
  /** The deployment has come to its end, so that nothing newer follows. */
  readonly isEnded: boolean;
  /** Ms since the epoch; 0: another version kept it, which did not tell. */
  readonly keptAt: number;
}

export function keptText({ measured, ...about }: Kept): string {
  return `${JSON.stringify({ ...measured, ...about })}\n`;
}

/** A copy as any version kept it, or why it cannot be read. */
export function readKept(text: string): Kept | { readonly why: string } {
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch (error) {
    return {
      why: text === "" ? "It is empty." : `${error instanceof Error ? error.message : String(error)}.`,
    };
  }
  const unmeasured = unmeasuredIn(kept);
  if (unmeasured !== null) return unmeasured;
  const stored = storedProof(without(kept));
  if ("lacks" in stored) return { why: sayLacks(stored.lacks) };
  const { proof } = stored;
  const { keptAt } = timesOf(kept);
  return { measured: proof, isEnded: proof.isEnded, keptAt: keptAt ?? proof.startedAt + proof.durationMs };
}

const mostTold = 6;

function sayLacks(fields: readonly string[]): string {
  const more = fields.length > mostTold ? ` and ${fields.length - mostTold} more` : "";
  return `It does not tell: ${fields.slice(0, mostTold).join(", ")}${more}.`;
}

function unmeasuredIn(kept: unknown): Kept | null {
  if (!isObject(kept) || typeof kept["unmeasured"] !== "string") return null;
  const { unmeasured, fix } = kept;
  const measured: Unmeasured = { unmeasured, ...(typeof fix === "string" ? { fix } : {}) };
  const { isEnded, keptAt } = timesOf(kept);
  return { measured, isEnded: isEnded ?? true, keptAt: keptAt ?? 0 };
}

function timesOf(kept: unknown): { readonly isEnded: boolean | null; readonly keptAt: number | null } {
  if (!isObject(kept)) return { isEnded: null, keptAt: null };
  const { isEnded, keptAt } = kept;
  return {
    isEnded: typeof isEnded === "boolean" ? isEnded : null,
    keptAt: typeof keptAt === "number" ? keptAt : null,
  };
}

/** The proof is what was measured, not how it was kept. */
function without(kept: unknown): unknown {
  if (!isObject(kept)) return kept;
  const { keptAt: _, ...measured } = kept;
  return measured;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
