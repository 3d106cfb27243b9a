import type { Failure } from "./failure.ts";
import type { Expectation, Load } from "./load.ts";
import type { Reply } from "./reply.ts";

export function versionOf(reply: Reply, where: Load["version"]): string | undefined {
  if (where === undefined) return undefined;
  if ("header" in where) return reply.headers.get(where.header.toLowerCase());
  return fieldOf(reply.body, where.field);
}

/** A complete answer that is not the expected one is a lost request too. */
export function judge(
  reply: Reply,
  version: string | undefined,
  expect: Expectation,
): { readonly failure?: Failure; readonly detail?: string } {
  const { status } = reply;
  if (!isExpected(status, expect.status ?? 200)) {
    const failure = status >= 500 ? "5xx" : status >= 400 ? "4xx" : "wrong-answer";
    return { failure, detail: `status ${status}` };
  }
  if (expect.body !== undefined && !reply.body.includes(expect.body)) {
    return { failure: "wrong-answer", detail: `body without "${expect.body}"` };
  }
  if (expect.version !== undefined && version !== expect.version) {
    return { failure: "wrong-version", detail: `version ${version ?? "missing"}` };
  }
  return {};
}

function isExpected(status: number, expected: NonNullable<Expectation["status"]>): boolean {
  if (expected === "below-500") return status < 500;
  return expected === "2xx" ? status >= 200 && status < 300 : status === expected;
}

function fieldOf(body: string, field: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return undefined;
    const found: unknown = Object.entries(value).find(([name]) => name === field)?.[1];
    return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
  } catch {
    return undefined;
  }
}
