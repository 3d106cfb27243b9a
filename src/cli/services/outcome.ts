import type { DrainResult, ReplaceResult, ServiceStatus } from "../../process/protocol.ts";
import { shortDuration } from "../present/duration.ts";
import { labelOf } from "./label.ts";
import { openInstances } from "./words.ts";

/** "api: online, 2 instances on port 3000 (g3, 1.4s)". */
export function replacedText(verb: string, result: ReplaceResult, ms: number): string {
  const { status } = result;
  const where = status.port === null ? ", no port" : ` on port ${String(status.port)}`;
  const count = counted(openInstances(status).length, "instance");
  return `${labelOf(status)}: ${verb}, ${count}${where} (${result.release}, ${shortDuration(ms)})${forcedText(result)}`;
}

export function stoppedText(verb: string, service: ServiceStatus, result: DrainResult): string {
  return `${labelOf(service)}: ${verb}, ${counted(result.stopped, "instance")} ended${forcedText(result)}`;
}

/** Nothing when every request was finished. */
function forcedText({ forced, forcedRequests }: DrainResult): string {
  if (forced === 0) return "";
  const requests = forcedRequests === null ? "what they still did" : counted(forcedRequests, "request");
  return `; ${counted(forced, "instance")} killed at the deadline with ${requests} in flight`;
}

export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
