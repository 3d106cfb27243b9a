import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { exits, Problem, type ProblemDetail } from "../../problem.ts";
import type { Config } from "../load.ts";
import { exampleKeys } from "./example.ts";
import { resolveValues, type Unresolved } from "./resolve.ts";
import { serializeEnv } from "./serialize.ts";
import { parseTemplate, type TemplateEntry } from "./template.ts";

export interface RenderedEnv {
  /** Of the env file; undefined when the config has no env. */
  readonly content: string | undefined;
  readonly keys: readonly string[];
  /** Values that no sink may show. */
  readonly values: readonly string[];
  /** services.*.env with its references resolved, by service. */
  readonly services: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly findings: readonly ProblemDetail[];
}

export interface EnvIo {
  secret(value: string): void;
  readonly signal?: AbortSignal;
}

/** Resolves every reference once and tells `io.secret` each value; Problem ENV_* before anything was touched. */
export async function renderEnv(
  config: Pick<Config, "env" | "file" | "spec">,
  env: Readonly<Record<string, string | undefined>>,
  io: EnvIo,
): Promise<RenderedEnv> {
  const directory = dirname(config.env?.template ?? config.file);
  const template = config.env === undefined ? [] : await readTemplate(config.env.template);
  const ofServices = config.spec.services.flatMap((service) =>
    Object.entries(service.env).map(([key, value]) => ({
      service: service.name,
      key,
      value,
      isLiteral: false,
    })),
  );
  const unresolved: readonly Unresolved[] = [...template, ...ofServices];
  const { values, secrets } = await resolveValues(unresolved, {
    vars: config.env?.vars ?? {},
    file: config.env === undefined ? basename(config.file) : basename(config.env.template),
    source: { directory, env, signal: io.signal },
    secret: (value) => io.secret(value),
  });
  const entries = template.map(({ key }, index) => [key, values[index] ?? ""] as const);
  const services: Record<string, Record<string, string>> = {};
  for (const { name } of config.spec.services) {
    services[name] = {};
  }
  ofServices.forEach(({ service, key }, index) => {
    (services[service] ??= {})[key] = values[template.length + index] ?? "";
  });
  const isPhp = await hasFile(join(dirname(config.file), "composer.json"));
  return {
    content: config.env && serializeEnv(entries, isPhp ? "all" : "node"),
    keys: template.map(({ key }) => key),
    values: secrets,
    services,
    findings: config.env === undefined ? [] : await exampleFindings(template, config.env.template),
  };
}

async function readTemplate(file: string): Promise<readonly TemplateEntry[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new Problem({
      code: "ENV_TEMPLATE",
      what: `The env template ${file} cannot be read.`,
      why: error instanceof Error ? error.message : String(error),
      fix: "Write it, or remove env: from the config.",
      state: "Nothing was changed.",
      exit: exits.usage,
    });
  }
  return parseTemplate(text, basename(file));
}

/** Keys that the program's own example file has and the template has not. */
async function exampleFindings(
  template: readonly TemplateEntry[],
  file: string,
): Promise<readonly ProblemDetail[]> {
  const known = new Set(template.map(({ key }) => key));
  const example = join(dirname(file), ".env.example");
  const missing = (await exampleKeys(example)).filter((key) => !known.has(key));
  return missing.length === 0
    ? []
    : [
        {
          code: "ENV_KEY_MISSING",
          what: `.env.example has ${missing.join(", ")}, and ${basename(file)} has not.`,
          fix: `Add ${missing.length === 1 ? "it" : "them"} to ${basename(file)}, or remove ${missing.length === 1 ? "it" : "them"} from .env.example.`,
        },
      ];
}

async function hasFile(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
