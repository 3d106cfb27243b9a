import { hostname } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "../../config/load.ts";
import { openShelf, type Shelf } from "../../fleet/shelf.ts";
import { openPlace, type Place, placeAt } from "../../release/place.ts";
import type { CommandInput, Io } from "../command.ts";

/** Where one app lives on this machine, and what its config says now. */
export interface Context {
  readonly config: Config;
  readonly app: string;
  readonly host: string;
  readonly place: Place;
  readonly shelf: Shelf;
  readonly journals: string;
  /** Who is deploying, for the journal: user@machine. */
  readonly operator: string;
}

export type Access = "read" | "write";

/** "write" creates the app's directories; "read" touches nothing. */
export async function openContext(input: CommandInput, io: Io, access: Access): Promise<Context> {
  const { config: file, stage } = input.global;
  const config = await loadConfig({ file, stage, cwd: io.cwd, env: io.env });
  const { app, path } = config.spec;
  const place = access === "write" ? await openPlace(path) : placeAt(path);
  return {
    config,
    app,
    host: hostname(),
    place,
    shelf: openShelf(join(place.home, "specs")),
    journals: join(place.home, "journal"),
    operator: `${io.env.USER ?? io.env.LOGNAME ?? "unknown"}@${hostname()}`,
  };
}
