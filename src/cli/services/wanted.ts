import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { serviceByHand } from "../../config/by-hand.ts";
import { environmentOf } from "../../config/by-hand/environment.ts";
import { logicalDirectory } from "../../config/by-hand/place.ts";
import { readEcosystem } from "../../config/ecosystem.ts";
import { isEcosystemFile } from "../../config/ecosystem/read.ts";
import type { ServiceSpec } from "../../plan/spec.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import { usageProblem } from "../arguments.ts";
import type { CommandInput, Io } from "../command.ts";
import { updatedEnvironment } from "./environment.ts";
import { isSet, textOf, textsOf } from "./flags.ts";
import { keyOf } from "./label.ts";
import { matches } from "./select.ts";
import { byHandOf } from "./start-flags.ts";

/** What a person asked for: a known service as it is, or a spec that may replace a known one. */
export interface Wanted {
  readonly spec: ServiceSpec;
  readonly existing: ServiceStatus | undefined;
  /** typed: a script or command; file: an entry of an ecosystem file; known: the name or id of a service. */
  readonly from: "typed" | "file" | "known";
  /** The spec differs from what the supervisor has. */
  readonly isChanged: boolean;
}

/** Reads the words of start and reload; `services` with their secrets. Nothing is touched. */
export async function wantedOf(
  input: CommandInput,
  io: Io,
  services: readonly ServiceStatus[],
): Promise<readonly Wanted[]> {
  const words = input.positionals.length > 0 ? input.positionals : [defaultFile(input, io)];
  if (words.length > 1 && textOf(input.flags, "name") !== undefined) {
    throw usageProblem(input.name, `--name is for one service; what follows a program stands behind "--".`);
  }
  const lists = await Promise.all(words.map(async (word) => wantedBy(word, input, io, services)));
  return [...new Map(lists.flat().map((wanted) => [keyOf(wanted.spec), wanted])).values()];
}

async function wantedBy(
  word: string,
  input: CommandInput,
  io: Io,
  services: readonly ServiceStatus[],
): Promise<readonly Wanted[]> {
  if (isEcosystemFile(word) && !services.some(({ name }) => name === word)) {
    return fromFile(word, input, io, services);
  }
  const known = input.rest.length === 0 ? matches(word, services) : undefined;
  if (known !== undefined) return known.map((service) => asKnown(service, input, io));
  const spec = serviceByHand(byHandOf(word, input, io));
  return [{ spec, existing: find(spec, services), from: "typed", isChanged: true }];
}

export function asKnown(service: ServiceStatus, input: CommandInput, io: Io): Wanted {
  const { spec } = service;
  if (!isSet(input.flags, "update-env")) return { spec, existing: service, from: "known", isChanged: false };
  return {
    spec: updatedEnvironment(service, environmentOf(io.env)),
    existing: service,
    from: "known",
    isChanged: true,
  };
}

async function fromFile(
  word: string,
  input: CommandInput,
  io: Io,
  services: readonly ServiceStatus[],
): Promise<readonly Wanted[]> {
  const shell = environmentOf(io.env);
  const environment = textsOf(input.flags, "env").at(-1);
  const only = (textOf(input.flags, "only") ?? "").split(",").filter((name) => name !== "");
  const file = resolve(logicalDirectory(io.cwd, io.env["PWD"]), word);
  const { services: specs, notes } = await readEcosystem({ file, env: shell, only, environment });
  for (const text of notes) io.emit({ event: "note", text });
  return specs.map((spec) => {
    const existing = find(spec, services);
    const keeps = existing !== undefined && !isSet(input.flags, "update-env");
    return { spec: keeps ? keepShell(spec, existing.spec) : spec, existing, from: "file", isChanged: true };
  });
}

/** Without --update-env what came from the shell stays as it was; the file's variables are always the file's. */
function keepShell(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const dropped = new Set(before.declared);
  const kept = Object.entries(before.env).filter(([name]) => !dropped.has(name));
  const declared = (spec.declared ?? []).map((name) => [name, spec.env[name] ?? ""]);
  return { ...spec, env: { ...Object.fromEntries(kept), ...Object.fromEntries(declared) } };
}

function find(spec: ServiceSpec, services: readonly ServiceStatus[]): ServiceStatus | undefined {
  return services.find((service) => keyOf(service) === keyOf(spec));
}

function defaultFile(input: CommandInput, io: Io): string {
  const names = ["js", "cjs", "mjs"].map((extension) => `ecosystem.config.${extension}`);
  const found = [...names, "ecosystem.json"].find((name) => existsSync(resolve(io.cwd, name)));
  if (found !== undefined) return found;
  throw usageProblem(
    input.name,
    `"cutover ${input.name}" needs a name, and there is no ecosystem.config.js here.`,
  );
}
