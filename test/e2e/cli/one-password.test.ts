import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { renderEnv, type RenderedEnv } from "../../../src/config/env/render.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { isProblem, type ProblemDetail } from "../../../src/problem.ts";

/** Stands in for the vendor's `op`, whose cloud no test machine has: fills {{ op://... }} on stdin, records how it was called. */
const op = String.raw`#!/usr/bin/env node
const fs = require("node:fs");
const { join } = require("node:path");
const call = { argv: process.argv.slice(2), token: process.env.OP_SERVICE_ACCOUNT_TOKEN };
fs.appendFileSync(join(__dirname, "calls"), JSON.stringify(call) + "\n");
const vault = JSON.parse(fs.readFileSync(join(__dirname, "vault.json"), "utf8"));
let failed = false;
const filled = fs.readFileSync(0, "utf8").replace(/\{\{ (op:[^}]*) \}\}/g, (_all, reference) => {
  if (!(reference in vault)) {
    console.error('[ERROR] could not resolve item for "' + reference + '"');
    failed = true;
  }
  return vault[reference];
});
if (failed) process.exit(1);
setTimeout(() => process.stdout.write(filled + "\n"), Number(process.env.OP_DELAY_MS ?? 0));
`;

let directory: string;
let bin: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-op-"));
  bin = join(directory, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "op"), op);
  await chmod(join(bin, "op"), 0o755);
  await writeFile(join(directory, "cutover.yml"), "app: shop\nenv: { vars: { APP_ENV: production } }\n");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

type Vault = Readonly<Record<string, string>>;

async function render(template: string, vault: Vault, env: NodeJS.ProcessEnv = {}): Promise<RenderedEnv> {
  await writeFile(join(directory, ".env.template"), template);
  await writeFile(join(bin, "vault.json"), JSON.stringify(vault));
  const config = await loadConfig({ cwd: directory, env: { HOME: directory } });
  const path = `${bin}:${process.env["PATH"]}`;
  const operator = { PATH: path, OP_SERVICE_ACCOUNT_TOKEN: "ops_token", ...env };
  return renderEnv(config, operator, { secret: () => undefined });
}

async function problemOf(rendering: Promise<unknown>): Promise<ProblemDetail> {
  const error = await rendering.catch((reason: unknown) => reason);
  if (!isProblem(error)) {
    throw new Error("no problem", { cause: error });
  }
  return error.detail;
}

const vault = {
  "op://app/shop-production/db/password": "p#w'd",
  "op://app/Shared Item/key": "-----BEGIN KEY-----\nabc\n-----END KEY-----\n",
};

test("all references of a template are one call, whose arguments hold neither references nor values", async () => {
  const template = [
    "DB_PASSWORD=op://app/shop-$APP_ENV/db/password",
    "DATABASE_URL=postgres://u:{{ op://app/shop-${APP_ENV}/db/password }}@db/shop",
    'KEY="{{ op://app/Shared Item/key }}"',
  ].join("\n");
  const rendered = await render(template, vault);
  const lines = [
    `DB_PASSWORD="p#w'd"`,
    `DATABASE_URL="postgres://u:p#w'd@db/shop"`,
    `KEY="-----BEGIN KEY-----\nabc\n-----END KEY-----\n"`,
  ];
  expect(rendered.content).toBe(`${lines.join("\n")}\n`);
  expect(rendered.values).toContain("p#w'd");
  const calls = (await readFile(join(bin, "calls"), "utf8")).trim().split("\n");
  expect(calls).toEqual([JSON.stringify({ argv: ["inject"], token: "ops_token" })]);
});

test("no process on the machine has a value in its arguments while references are resolved", async () => {
  const secret = "geheimnis-4711-wert";
  const environment = { OPERATOR: `${secret}-2`, OP_DELAY_MS: "300" };
  const progress = { isDone: false };
  const rendering = render("A=op://a/b/c\nB=$OPERATOR", { "op://a/b/c": secret }, environment);
  const finished = rendering.finally(() => (progress.isDone = true));
  let seenOp = 0;
  while (!progress.isDone) {
    const lines = await commandLines();
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    seenOp += lines.filter((line) => line.includes(`${bin}/op`)).length;
  }
  await finished;
  expect(seenOp).toBeGreaterThan(0);
});

async function commandLines(): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
}

test("a reference that does not exist is named, with what op said", async () => {
  const problem = await problemOf(render("A=op://app/none/x", vault));
  expect(problem).toMatchObject({ code: "ENV_REFERENCE", exit: 3, state: "Nothing was changed." });
  expect(problem.what).toBe('"op inject" could not resolve op://app/none/x (exit 1).');
  expect(problem.evidence?.join()).toContain("could not resolve item");
});

test("an empty value is refused", async () => {
  const problem = await problemOf(render("A=op://app/x/y", { "op://app/x/y": "" }));
  expect(problem.what).toBe("op://app/x/y, the value of A, is empty.");
});

test("without the op command the way to it is told", async () => {
  const problem = await problemOf(render("A=op://app/x/y", vault, { PATH: "/nonexistent" }));
  expect(problem.what).toContain('the command "op" was not found');
});
