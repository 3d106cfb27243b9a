import { homedir } from "node:os";
import { basename, dirname, resolve } from "node:path";
import type { AppSpec, RolloutSpec } from "../plan/spec.ts";
import { toAppSpec } from "./app-spec.ts";
import { checkConfig } from "./check.ts";
import { readConfigFile } from "./file.ts";
import { type ProofConfig, toProof } from "./proof.ts";
import type { Freeze, RawConfig, RawEnv, RawNotify } from "./raw.ts";
import { isDriven, toRollout } from "./rollout-spec.ts";
import { halvesOf, type Server, serversOf } from "./servers.ts";
import { toServiceSpec } from "./service-spec.ts";
import { type Written, writtenSource } from "./stages.ts";
import type { Path } from "./validate.ts";

export interface Config {
  /** Absolute path of the config file. */
  readonly file: string;
  readonly stage: string | undefined;
  readonly spec: AppSpec;
  readonly rollout: RolloutSpec;
  /** Empty: this machine. */
  readonly servers: readonly Server[];
  /** Name of a half -> names of its servers. */
  readonly halves: Readonly<Record<string, readonly string[]>> | undefined;
  /** Where the balancers are, for ssh: [user@]host[:port]. Empty: none is driven. */
  readonly balancers: readonly string[];
  readonly env: EnvConfig | undefined;
  readonly notify: RawNotify | undefined;
  readonly freeze: readonly Freeze[];
  /** undefined: nothing is measured. */
  readonly proof: ProofConfig | undefined;
  /** Merged, with defaults, as it would be written. */
  readonly raw: RawConfig;
}

interface EnvConfig {
  /** Absolute path of the template. */
  readonly template: string;
  /** Inside the release. */
  readonly to: string;
  readonly vars: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  /** As given by -c; absent: cutover.yml or cutover.yaml in `cwd`. */
  readonly file?: string | undefined;
  readonly cwd: string;
  readonly stage?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Problems CONFIG_MISSING, CONFIG_SYNTAX, CONFIG_INVALID (all errors at once), CONFIG_STAGE, NOT_YET; exit 2 each. */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const { file, text } = await readConfigFile(options.file, options.cwd);
  const label = basename(file);
  // The YAML parser costs more than the rest of the command line together.
  const { readDocument } = await import("./document.ts");
  const written: Written = { document: readDocument(text, label), stage: options.stage };
  const raw = await checkConfig(written, label);
  const services = Object.entries(raw.services).map(([name, service]) =>
    toServiceSpec({
      app: raw.app,
      name,
      service,
      env: envTexts(service.env ?? {}, ["services", name, "env"], written),
      envFile: raw.env?.to,
    }),
  );
  return {
    file,
    stage: options.stage,
    spec: toAppSpec({ raw, file, stage: options.stage, home: options.env["HOME"] || homedir(), services }),
    rollout: toRollout(raw),
    servers: serversOf(raw),
    halves: halvesOf(raw),
    balancers: isDriven(raw.traffic) ? raw.traffic.hosts : [],
    env: raw.env && {
      template: resolve(dirname(file), raw.env.template),
      to: raw.env.to,
      vars: envTexts(raw.env.vars, ["env", "vars"], written),
    },
    notify: raw.notify && {
      ...raw.notify,
      webhook: plainReference(raw.notify.webhook),
      slack: plainReference(raw.notify.slack),
    },
    freeze: raw.freeze,
    proof: raw.proof === false ? undefined : toProof(raw.proof),
    raw,
  };
}

/** ${NAME} is $NAME. */
function plainReference(text: string | undefined): string | undefined {
  return text?.replace(/^\$\{(\w+)\}$/, "$$$1");
}

/** Env values are text as written: 1.10 stays "1.10". */
function envTexts(env: RawEnv, path: Path, written: Written): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === "string" ? value : (writtenSource([...path, name], written) ?? String(value)),
    ]),
  );
}
