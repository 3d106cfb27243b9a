import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLines } from "./running.ts";
import { expectExit, openShop, type Shop, shopYaml } from "./shop.ts";

const vault = {
  "op://app/database/password": "p#w'd $HOME geheim-4711",
  "op://app/mail/key": "mail-geheim-4712",
};
const fromFile = "file-geheim-4713\nsecond line";
const fromOperator = "operator-geheim-4714";

/** Stands in for the vendor's `op`, whose cloud no test machine has: fills {{ op://... }} on stdin. */
const op = `#!/usr/bin/env node
const vault = ${JSON.stringify(vault)};
let isFailed = false;
const filled = require("node:fs").readFileSync(0, "utf8").replace(/\\{\\{ (op:[^}]*) \\}\\}/g, (_all, reference) => {
  if (!(reference in vault)) { console.error("[ERROR] " + reference + " isn't an item"); isFailed = true; }
  return vault[reference];
});
if (isFailed) process.exit(1);
setTimeout(() => process.stdout.write(filled + "\\n"), 200);
`;

const template = `PLAIN=hello
FROM_OPERATOR=$OPERATOR_SECRET
FROM_FILE=file://key.txt
DB_PASSWORD=op://app/database/password
MAIL_URL=smtp://user:{{ op://app/mail/key }}@mail:25
`;

describe("references in the env template, through a whole deploy", () => {
  let shop: Shop;
  let environment: Record<string, string>;

  beforeAll(async () => {
    shop = await openShop();
    const bin = join(shop.host.directory, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "op"), op, { mode: 0o755 });
    environment = { PATH: `${bin}:${process.env["PATH"]}`, OPERATOR_SECRET: fromOperator };
    writeFileSync(join(shop.project, "key.txt"), `${fromFile}\n`);
    writeFileSync(join(shop.project, ".cutoverignore"), "key.txt\n");
    writeFileSync(join(shop.project, ".env.template"), template);
    const text = `env: { template: .env.template, to: config/.env }
build: { run: ['mkdir -p config'] }
hooks: { before-switch: ['echo the hook sees $DB_PASSWORD'] }`;
    shop.configure(shopYaml(shop, { text }));
  });
  afterAll(() => shop.close());

  test("every value reaches the program, and nothing else sees one", async () => {
    const seen = new Set<string>();
    const watch = setInterval(() => commandLines().forEach((line) => seen.add(line)), 5);
    const ran = await shop.cutover(["deploy", "--verbose"], environment);
    shop.write({ VERSION: "v2" });
    const json = await shop.cutover(["deploy", "--json"], environment);
    clearInterval(watch);
    expectExit(ran, 0);
    expectExit(json, 0);

    const file = join(shop.path, "current/config/.env");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [instance] = (await shop.host.service("shop/web")).instances;
    const variables = readFileSync(`/proc/${instance?.pid}/environ`, "utf8").split("\0");
    expect(variables).toEqual(
      expect.arrayContaining([
        "PLAIN=hello",
        `FROM_OPERATOR=${fromOperator}`,
        `FROM_FILE=${fromFile}`,
        `DB_PASSWORD=${vault["op://app/database/password"]}`,
        `MAIL_URL=smtp://user:${vault["op://app/mail/key"]}@mail:25`,
      ]),
    );

    const values = [...Object.values(vault), fromFile.split("\n")[0] ?? "", fromOperator];
    const sinks = [ran, json, await shop.cutover(["history", "--json"]), await shop.cutover(["config"])];
    const texts = [...sinks.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...seen, ...journalAndLogs()];
    expect([...seen].some((line) => line.endsWith("op inject"))).toBe(true);
    expect(ran.stdout).toContain("the hook sees ***");
    expect(texts.filter((text) => values.some((value) => text.includes(value)))).toEqual([]);
  });

  /** What cutover itself writes down; logs of the program are the program's. */
  function journalAndLogs(): readonly string[] {
    const journal = join(shop.path, ".cutover/journal");
    const files = readdirSync(journal).map((name) => join(journal, name));
    expect(files.length).toBeGreaterThan(0);
    return [...files, join(shop.host.home, "supervisor.log")]
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, "utf8"));
  }

  test.each([
    ["an op:// item", "A=op://app/none/key", "op://app/none/key"],
    ["an op:// item within a value", "A=x{{ op://app/none/key }}y", "op://app/none/key"],
    ["a file", "A=file://none.txt", "file://none.txt"],
    ["a variable", "A=$NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE"],
    ["a source", "A={{ vault://secret/x }}", "vault://secret/x"],
  ])("%s that is missing is named before anything is touched", async (_, line, named) => {
    writeFileSync(join(shop.project, ".env.template"), `${template}${line}\n`);
    const before = snapshot();
    const ran = await shop.cutover(["deploy", "--force"], environment);
    expect([2, 3], ran.stdout + ran.stderr).toContain(ran.exit);
    expect(ran.stderr).toContain(named);
    expect(ran.stderr).toContain("Nothing was changed");
    expect(snapshot()).toEqual(before);
    expect(await shop.version()).toBe("v2");
  });

  function snapshot(): unknown {
    const names = (path: string): readonly string[] => readdirSync(join(shop.path, path)).toSorted();
    const epoch = readFileSync(join(shop.path, ".cutover/epoch"), "utf8");
    const specs = names(".cutover/specs");
    return [names("releases"), names(".cutover/journal"), specs, epoch, shop.current()];
  }
});
