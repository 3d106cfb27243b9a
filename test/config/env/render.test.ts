import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderEnv, type RenderedEnv } from "../../../src/config/env/render.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { isProblem, type ProblemDetail } from "../../../src/problem.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-env-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Case {
  readonly template: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: string;
}

const config =
  "app: shop\nenv: { vars: { STAGE: live } }\nservices: { web: { run: x, env: { MODE: a, TOKEN: $TOKEN } } }\n";

async function render(input: Case, told: string[] = []): Promise<RenderedEnv> {
  const base = await mkdtemp(join(directory, "case-"));
  const files = { ".env.template": input.template, "cutover.yml": input.config ?? config, ...input.files };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(base, name), text)));
  const loaded = await loadConfig({ cwd: base, env: { HOME: base } });
  return renderEnv(loaded, { TOKEN: "token-1", ...input.env }, { secret: (value) => void told.push(value) });
}

async function problemOf(input: Case): Promise<ProblemDetail> {
  const error = await render(input).catch((reason: unknown) => reason);
  if (!isProblem(error)) {
    throw new Error("no problem", { cause: error });
  }
  return error.detail;
}

function read({ content }: RenderedEnv): Readonly<Record<string, string | undefined>> {
  return { ...parseEnv(content ?? "") };
}

test("references become values, wherever they stand", async () => {
  const rendered = await render({
    template: [
      "NODE_ENV=production",
      "STAGE=$STAGE",
      "PASSWORD=$DB_PASSWORD",
      'URL="postgres://shop:${DB_PASSWORD}@db/shop"',
      "KEY=file://key.pem",
      "NAME=shop-$STAGE",
      "TITLE='${NAME} costs $5'",
      "PRICE=5\\$",
      "PORT=${PORT:-3000}",
      "FULL=${NAME}!",
    ].join("\n"),
    env: { DB_PASSWORD: "p#a's s" },
    files: { "key.pem": "line 1\nline 2\n" },
  });
  expect(read(rendered)).toEqual({
    NODE_ENV: "production",
    STAGE: "live",
    PASSWORD: "p#a's s",
    URL: "postgres://shop:p#a's s@db/shop",
    KEY: "line 1\nline 2",
    NAME: "shop-live",
    TITLE: "${NAME} costs $5",
    PRICE: "5$",
    PORT: "3000",
    FULL: "shop-live!",
  });
  expect(rendered.keys).toHaveLength(10);
});

test("a service's own env takes references too", async () => {
  const rendered = await render({ template: "", env: { TOKEN: "abc-def" } });
  expect(rendered.services).toEqual({ web: { MODE: "a", TOKEN: "abc-def" } });
});

test("what came from references is told to the redactor, what the template says is not", async () => {
  const told: string[] = [];
  const template = "MODE=production\nSTAGE=$STAGE\nURL=redis://:$PASS@h\nF=x-{{ file://f }}-y";
  const rendered = await render({ template, env: { PASS: "geheim" }, files: { f: "inhalt" } }, told);
  expect(new Set(rendered.values)).toEqual(
    new Set(["geheim", "inhalt", "x-inhalt-y", "redis://:geheim@h", "token-1"]),
  );
  expect(new Set(told)).toEqual(new Set(rendered.values));
});

test("the template is parsed, never run: commands in it stay text", async () => {
  const rendered = await render({ template: "A='$(id)'\nB=\"`id`\"\nC=$(id)\n" });
  expect(read(rendered)).toEqual({ A: "$(id)", B: "`id`", C: "$(id)" });
});

test("keys that .env.example has and the template has not are a finding", async () => {
  const rendered = await render({ template: "A=1", files: { ".env.example": "A=\nB=\nC=x\n" } });
  expect(rendered.findings.map(({ what }) => what)).toEqual([
    ".env.example has B, C, and .env.template has not.",
  ]);
});

test("a config without env renders no file", async () => {
  const rendered = await render({ template: "", config: "app: shop\n" });
  expect(rendered).toMatchObject({ content: undefined, keys: [], findings: [] });
});

describe("nothing is touched and the reason is told when", () => {
  test.each([
    [
      "a variable is not set",
      "A=1\nB=$NOPE",
      "ENV_VARIABLE",
      "B (.env.template, line 2) needs $NOPE, which is not set.",
    ],
    ["a file is missing", "A=file://none.pem", "ENV_REFERENCE", "file://none.pem cannot be read (ENOENT)."],
    [
      "a referenced value is empty",
      "A=file://empty",
      "ENV_REFERENCE",
      "file://empty, the value of A, is empty.",
    ],
    [
      "a source is unknown",
      "A={{ vault://x/y }}",
      "ENV_REFERENCE",
      'There is no source "vault" for the reference vault://x/y.',
    ],
    ["the template is broken", "A", "ENV_TEMPLATE", ".env.template, line 1: expected KEY=VALUE."],
  ])("%s", async (_case, template, code, what) => {
    expect(await problemOf({ template, files: { empty: "\n" } })).toMatchObject({ code, what });
  });

  test("there is no template", async () => {
    const problem = await problemOf({ template: "", config: "app: shop\nenv: { template: other }\n" });
    expect(problem).toMatchObject({ code: "ENV_TEMPLATE", exit: 2 });
  });

  test("a PHP project gets a value that phpdotenv could not read", async () => {
    const template = "A=file://odd";
    const odd = `two 'and" quotes\n`;
    await render({ template, files: { odd } });
    expect((await problemOf({ template, files: { odd, "composer.json": "{}" } })).code).toBe("ENV_VALUE");
  });
});
