import type { CutoverEvent } from "../../plan/event.ts";
import type { ProblemDetail } from "../../problem.ts";

/** Whatever JSON can hold: what it is, the methods of the ends say. */
export type Json = ReturnType<typeof JSON.parse>;

/** One line each, in the shape of JSON-RPC 2.0. What has an id is answered; what has none is not. */
export type Message = Request | Reply | Failure | Notice;

export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly Json[];
}

interface Reply {
  readonly id: number;
  readonly result: Json;
}

export interface Failure {
  readonly id: number;
  readonly error: {
    readonly code: number;
    readonly message: string;
    /** Absent: a bug at the other end, whose stack is `stack`. */
    readonly problem?: ProblemDetail | undefined;
    readonly stack?: string | undefined;
  };
}

/** emit: an event of request `of`. cancel: whoever asked `of` wants no more of it. beat: still here. */
type Notice =
  | { readonly notice: "emit"; readonly of: number; readonly event: CutoverEvent }
  | { readonly notice: "cancel"; readonly of: number }
  | { readonly notice: "beat" };

export const failureCodes = { problem: -32_000, bug: -32_603 } as const;

/** null: not a message, so whatever writes there is not our other end. */
export function parseMessage(line: string): Message | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  return isMessage(value) ? value : null;
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  if ("notice" in value) return typeof value.notice === "string";
  if (!("id" in value) || typeof value.id !== "number") return false;
  if ("method" in value) return "params" in value && Array.isArray(value.params);
  return "result" in value || ("error" in value && typeof value.error === "object" && value.error !== null);
}
