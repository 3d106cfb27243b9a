import { readFileSync } from "node:fs";
import { isRecord } from "../../config/by-hand/fields.ts";
import type { Fields } from "../../config/by-hand/fields.ts";
import type { ListedService } from "./words.ts";

/** Services as the state file remembers them while no supervisor runs; whether they serve is not known then. */
export function savedServices(file: string): readonly ListedService[] {
  return recordsIn(file).flatMap((record): ListedService[] => {
    const { id, app, name, state, live, specs, learnedPorts, restarts } = record;
    if (typeof id !== "number" || typeof app !== "string" || typeof name !== "string") return [];
    const spec = specOf(specs, live);
    const port = spec["port"] ?? (Array.isArray(learnedPorts) ? learnedPorts[0] : undefined);
    return [
      {
        id,
        app,
        name,
        state: state === "stopped" ? "stopped" : "unsupervised",
        live: typeof live === "string" ? (live.split("~")[0] ?? null) : null,
        port: typeof port === "number" ? port : null,
        instances: [],
        restarts: typeof restarts === "number" ? restarts : 0,
        spec: { instances: Number(spec["instances"] ?? 0) },
      },
    ];
  });
}

/** The state file is the supervisor's: what is not as expected is left out. */
function recordsIn(file: string): readonly Fields[] {
  try {
    const state: unknown = JSON.parse(readFileSync(file, "utf8"));
    const services: unknown = isRecord(state) ? state["services"] : [];
    return Array.isArray(services)
      ? services.flatMap((entry: unknown) =>
          isRecord(entry) && isRecord(entry["record"]) ? [entry["record"]] : [],
        )
      : [];
  } catch {
    return [];
  }
}

function specOf(specs: unknown, live: unknown): Fields {
  const all = isRecord(specs) ? specs : {};
  const spec = typeof live === "string" ? all[live] : Object.values(all).at(-1);
  return isRecord(spec) ? spec : {};
}
