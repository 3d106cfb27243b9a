import { dirname, isAbsolute, resolve } from "node:path";
import type { ServiceSpec } from "../plan/spec.ts";
import { serviceByHand } from "./by-hand.ts";
import { isRecord } from "./by-hand/fields.ts";
import { realDirectory, relocate, throughCurrent } from "./by-hand/place.ts";
import type { App } from "./ecosystem/app.ts";
import { fieldsOf, variablesOf } from "./ecosystem/app.ts";
import { notesOn } from "./ecosystem/notes.ts";
import { invalid, readEcosystemFile } from "./ecosystem/read.ts";

export interface EcosystemAsk {
  /** Absolute, symbolic links kept. */
  readonly file: string;
  /** The calling shell's: below the variables of the file. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of apps to take; empty: all. */
  readonly only: readonly string[];
  /** "production" adds env_production. */
  readonly environment?: string | undefined;
}

export interface Ecosystem {
  readonly services: readonly ServiceSpec[];
  /** What was understood in a way worth knowing, and what was not used. */
  readonly notes: readonly string[];
}

/** Reads an ecosystem file of PM2 into specs. A file or an entry that cannot be understood is a Problem, exit 2. */
export async function readEcosystem(ask: EcosystemAsk): Promise<Ecosystem> {
  const exported = await readEcosystemFile(ask.file, ask.env);
  const apps = chosen(appsOf(exported, ask.file), ask);
  const found = apps.map((app) => serviceOf(app, ask));
  const notes = [
    ...found.flatMap(({ notes }) => notes),
    ...(isRecord(exported) && "deploy" in exported
      ? ['The "deploy" section is not used: cutover deploy reads a cutover.yml, which cutover docs explains.']
      : []),
  ];
  return { services: found.map(({ spec }) => spec), notes: [...new Set(notes)] };
}

function appsOf(exported: object, file: string): readonly App[] {
  const holder = isRecord(exported) ? exported : {};
  const apps = Array.isArray(exported) ? exported : (holder["apps"] ?? (holder["script"] ? [holder] : []));
  const list: readonly unknown[] = Array.isArray(apps) ? apps : [apps];
  if (list.length === 0) throw invalid(file, "It exports no apps.");
  if (!list.every(isRecord)) throw invalid(file, "An entry of apps is not an object.");
  return list;
}

function chosen(apps: readonly App[], ask: EcosystemAsk): readonly App[] {
  if (ask.only.length === 0) return apps;
  const missing = ask.only.find((name) => !apps.some((app) => app["name"] === name));
  if (missing === undefined) return apps.filter((app) => ask.only.includes(String(app["name"])));
  const names = apps.map((app) => String(app["name"])).join(", ");
  throw invalid(ask.file, `It has no app called "${missing}"; it has ${names}.`);
}

function serviceOf(app: App, ask: EcosystemAsk): { spec: ServiceSpec; notes: readonly string[] } {
  const fields = fieldsOf(app, ask.file);
  const typed = dirname(ask.file);
  const home = throughCurrent(typed);
  const real = realDirectory(typed);
  const wanted = fields.cwd === undefined ? home.path : resolve(home.path, fields.cwd);
  // `cwd: __dirname` is the real directory of the file; what was typed may be a link that moves.
  const place = throughCurrent(relocate(wanted, real, home.path));
  const declared = { ...fields.env, ...environmentOf(app, ask) };
  const spec = serviceByHand({
    ...fields,
    script: isAbsolute(fields.script)
      ? throughCurrent(relocate(fields.script, real, home.path)).path
      : fields.script,
    cwd: place.path,
    env: { ...ask.env, ...declared },
    declared: Object.keys(declared),
  });
  const moved = [home.note, place.note].filter((note) => note !== undefined);
  return { spec, notes: [...moved, ...notesOn(app, spec, ask.environment)] };
}

function environmentOf(app: App, ask: EcosystemAsk): Readonly<Record<string, string>> {
  return ask.environment === undefined ? {} : variablesOf(app, `env_${ask.environment}`, ask.file);
}
