import type { SupervisorEvent } from "../protocol.ts";
import type { HomePaths } from "../home.ts";
import type { Service, World } from "./life.ts";
import { publicName } from "./release-name.ts";
import { revive } from "./revive.ts";
import { StateFile, type SavedState } from "./state-file.ts";

export interface Daemon {
  readonly world: World;
  readonly listeners: Set<(event: SupervisorEvent) => void>;
}

export function createDaemon(paths: HomePaths): Daemon {
  const services = new Map<string, Service>();
  const listeners = new Set<(event: SupervisorEvent) => void>();
  const file = new StateFile(paths, () => snapshot(services));
  const world: World = {
    paths,
    services,
    emit(event) {
      const shown = publicEvent(event);
      for (const listener of listeners) listener(shown);
    },
    async save() {
      await file.save();
      if (file.problem !== null) note(`the state could not be written: ${file.problem}`);
    },
    onLost: revive,
  };
  return { world, listeners };
}

/** A line in supervisor.log. */
export function note(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

function snapshot(services: ReadonlyMap<string, Service>): SavedState {
  return {
    version: 1,
    services: [...services.values()].map(({ record, instances }) => ({
      record,
      instances: instances.map((instance) => instance.record),
    })),
  };
}

function publicEvent(event: SupervisorEvent): SupervisorEvent {
  if (event.event !== "instance") return event;
  return { ...event, instance: { ...event.instance, release: publicName(event.instance.release) } };
}
