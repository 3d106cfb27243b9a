import { join } from "node:path";
import type { Emit } from "../plan/event.ts";
import type { Goal } from "../plan/record.ts";
import { homePaths } from "../process/home.ts";
import { digestEnv } from "../release/digest.ts";
import { currentRelease } from "../release/observe.ts";
import { openPlace, type Place, placeAt } from "../release/place.ts";
import { reserveRelease } from "../release/release-id.ts";
import { resolveRevision } from "../release/revision.ts";
import { holdDeployLock, lockByHand, readHandLock, readHolder, unlockByHand } from "./deploy-lock.ts";
import { aboutHere } from "./about.ts";
import type { HostEnd } from "./end.ts";
import { raiseEpoch, readEpoch, underEpoch } from "./epoch.ts";
import type { HeldLock } from "./flock.ts";
import { appendJournal, readJournal, readJournals } from "./journal-files.ts";
import type { Host } from "./local.ts";
import { observeHost } from "./observe.ts";
import { outcomeOf } from "./outcome.ts";
import { openShelf, type Shelf } from "./shelf.ts";
import { runningServices, untiring } from "./untiring.ts";
import { clearWish, leaveWish } from "./wish-file.ts";

export interface LocalEndOptions {
  /** As in servers:, without the user; on the machine of the operator its own name. */
  readonly name: string;
  readonly app: string;
  /** Directory of the app, absolute. */
  readonly path: string;
  /** "write" creates the app's directories and starts the supervisor when it is needed; "read" touches nothing. */
  readonly access: Access;
  /** Where CUTOVER_HOME and HOME are read from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
  /** The database's part; layers do not know each other, so cli/ hands it in (deployment/migration.ts). */
  readonly migrate: Host["migrate"];
}

export type Access = "read" | "write";

/**
 * One app on this machine, through calls. The agent on a server is the same, spoken to over its connection. What most connections
 * never ask for is loaded when it is: an agent starts for every command.
 */
export async function openLocalEnd(options: LocalEndOptions): Promise<HostEnd> {
  const { name, app, path, access } = options;
  const place = access === "write" ? await openPlace(path) : placeAt(path);
  const shelf = openShelf(join(place.home, "specs"));
  const home = homePaths(options.env);
  const running = { services: async () => (await runningServices(home)) ?? [] };
  const processes = access === "write" ? untiring(home) : { ...untiring(home), ...running };
  const base = { name, app, place, shelf, processes, migrate: options.migrate };
  return {
    name,
    about: aboutHere(options.version),
    ...fence(place),
    ...journal(place),
    ...proofs(place),
    ...settings(place, shelf),
    ...locks(place),
    observe: () => observeHost(base),
    apply: ({ effect, epoch, goal }, { emit, signal }) =>
      underEpoch(place.home, epoch, () =>
        outcomeOf(async () => {
          const { perform } = await import("./local.ts");
          return await perform(hostFor(base, goal, emit), effect, signal);
        }),
      ),
    services: () => runningServices(home),
    async preflight({ source, ports }) {
      const [{ preflight }, { takenPorts }] = await Promise.all([
        import("../release/preflight.ts"),
        import("./taken-ports.ts"),
      ]);
      return [...(await preflight(place, source)), ...takenPorts(app, ports, home)];
    },
    resolveRevision: (source) => resolveRevision(source, place),
    digestEnv: (content) => digestEnv(place, content),
    releaseOnDisk: async (release) =>
      (await import("./release-on-disk.ts")).readReleaseOnDisk(place, shelf, release),
    hasUpload: async (key) => (await import("../release/source/upload.ts")).hasUpload(place, key),
    readUpload: async (from) => (await import("../release/source/upload.ts")).readUpload(place, from),
    sendUpload: async (piece) => (await import("../release/source/upload.ts")).takeUpload(place, piece),
    reserveRelease: (id) => reserveRelease(place, id),
    leaveWish: (wish) => leaveWish(place.home, wish),
    clearWish: (wish) => clearWish(place.home, wish),
  };
}

/** What was live before is told for this host: the fleet may have been mixed. */
function hostFor(base: Omit<Host, "goal" | "emit">, goal: Goal, emit: Emit): Host {
  const own = goal.previousOn?.[base.name];
  return { ...base, goal: () => (own === undefined ? goal : { ...goal, previous: own }), emit };
}

function fence(place: Place): Pick<HostEnd, "epoch" | "raise"> {
  return {
    epoch: () => readEpoch(place.home),
    raise: (epoch, operator) => raiseEpoch(place.home, epoch, operator),
  };
}

function journal(place: Place): Pick<HostEnd, "journals" | "readJournal" | "appendJournal"> {
  return {
    journals: (count) => readJournals(place.home, count),
    readJournal: (id) => readJournal(place.home, id),
    appendJournal: (append) => appendJournal(place.home, append),
  };
}

function proofs(place: Place): Pick<HostEnd, "saveProof" | "readProof"> {
  return {
    async saveProof(id, text, epoch) {
      if (epoch !== null && (await readEpoch(place.home)) !== epoch) return;
      await (await import("./proof-files.ts")).saveProof(place.home, id, text);
    },
    readProof: async (id) => (await import("./proof-files.ts")).readProof(place.home, id),
  };
}

function settings(
  place: Place,
  shelf: Shelf,
): Pick<HostEnd, "saveSettings" | "loadSettings" | "liveSettings"> {
  return {
    saveSettings: (release, shelved) => shelf.save(release, shelved),
    loadSettings: (release) => shelf.load(release),
    async liveSettings() {
      const release = await currentRelease(place);
      const shelved = release === null ? null : await shelf.load(release).catch(() => null);
      return release === null || shelved === null ? null : { release, shelved };
    },
  };
}

type Locks = Pick<
  HostEnd,
  "holdLock" | "releaseLock" | "lockState" | "lockByHand" | "unlockByHand" | "close"
>;

/** The lock lives as long as this end does, and dies with its process. */
function locks(place: Place): Locks {
  let held: HeldLock | null = null;
  const release = async (): Promise<void> => {
    const lock = held;
    held = null;
    await lock?.release();
  };
  return {
    async holdLock(info) {
      held ??= await holdDeployLock(place.home, info);
    },
    releaseLock: release,
    async lockState() {
      const [holder, byHand] = await Promise.all([readHolder(place.home), readHandLock(place.home)]);
      return { holder, byHand };
    },
    lockByHand: (lock) => lockByHand(place.home, lock),
    unlockByHand: () => unlockByHand(place.home),
    close: release,
  };
}
