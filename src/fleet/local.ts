import type { Done, Effect } from "../plan/effect.ts";
import type { Emit } from "../plan/event.ts";
import type { Goal } from "../plan/record.ts";
import type { MigrateSpec } from "../plan/spec.ts";
import type { Place } from "../release/place.ts";
import { applyDatabase, applyHook } from "./command-effects.ts";
import { applyProcess, type Processes } from "./process-effects.ts";
import { applyRelease } from "./release-effects.ts";
import type { Shelf } from "./shelf.ts";

/** What the effects of one deployment need on this machine. */
export interface Host {
  readonly name: string;
  readonly app: string;
  /** The deployment under way; asked for only by effects. */
  readonly goal: () => Goal;
  readonly place: Place;
  readonly shelf: Shelf;
  readonly processes: Processes;
  readonly migrate: (spec: MigrateSpec, run: MigrateRun) => Promise<void>;
  readonly emit: Emit;
}

interface MigrateRun {
  readonly host: string;
  readonly cwd: string;
  /** Complete environment: the new release's. */
  readonly env: Readonly<Record<string, string>>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** One effect on this machine. */
export async function perform(host: Host, effect: Effect, signal: AbortSignal | undefined): Promise<Done> {
  switch (effect.layer) {
    case "release":
      return await applyRelease(host, effect, signal);
    case "process":
      return { notes: await applyProcess(host, effect, signal) };
    case "database":
      return { notes: await applyDatabase(host, effect, signal) };
    case "hook":
      return { notes: await applyHook(host, effect, signal) };
    case "traffic":
      throw new Error("a host was asked to act as a balancer");
  }
}
