import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { ServiceSpec } from "../../plan/spec.ts";
import { Problem } from "../../problem.ts";
import { handoverEnv } from "../handover/descriptors.ts";
import { messageOf } from "./error-code.ts";
import type { InstanceRecord } from "./life.ts";

export interface Handed {
  readonly instance: InstanceRecord;
  readonly descriptors: Readonly<Record<string, readonly number[]>>;
  readonly port: number | null;
}

/** Complete environment of an instance: env file, then the spec's, then what the supervisor adds. */
export function instanceEnv(spec: ServiceSpec, handed: Handed): Readonly<Record<string, string>> {
  const own = { ...envFileOf(spec), ...spec.env };
  const { instance, port } = handed;
  return {
    PGAPPNAME: `${spec.app}@${instance.release}`,
    // What programs written for PM2 tell their instances apart by.
    NODE_APP_INSTANCE: String(instance.slot),
    ...own,
    ...withOwnPrograms(instance.cwd, own["PATH"]),
    ...(port === null ? {} : { PORT: String(port) }),
    CUTOVER_APP: spec.app,
    CUTOVER_SERVICE: spec.name,
    CUTOVER_RELEASE: instance.release,
    CUTOVER_INSTANCE: String(instance.slot),
    CUTOVER_INSTANCE_ID: instance.id,
    ...(spec.health.kind === "notify" ? { NOTIFY_SOCKET: join(instance.runDirectory, "notify") } : {}),
    ...handoverEnv({
      runDir: instance.runDirectory,
      ports: handed.descriptors,
      learn: true,
      nodeOptions: own["NODE_OPTIONS"],
    }),
  };
}

/** `next start` means the project's own next, as in a package script. */
function withOwnPrograms(cwd: string, path: string | undefined): Readonly<Record<string, string>> {
  const programs = join(cwd, "node_modules/.bin");
  return path !== undefined && existsSync(programs) ? { PATH: `${programs}:${path}` } : {};
}

function envFileOf(spec: ServiceSpec): Readonly<Record<string, string>> {
  if (spec.envFile === undefined) return {};
  try {
    return readEnv(spec.envFile);
  } catch (error) {
    const detail = {
      code: "ENV_FILE_UNREADABLE",
      what: `The env file ${spec.envFile} of ${spec.app}/${spec.name} cannot be read.`,
      why: messageOf(error),
      fix: "Put the file there, or deploy again so that it is rendered.",
    };
    throw new Problem(detail, { cause: error });
  }
}

function readEnv(file: string): Readonly<Record<string, string>> {
  const entries = Object.entries(parseEnv(readFileSync(file, "utf8")));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
