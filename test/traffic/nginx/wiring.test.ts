import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSetup } from "../../../src/traffic/nginx/setup.ts";
import { wired } from "../../../src/traffic/nginx/wiring.ts";

const setup = readSetup({
  app: "market",
  spec: {
    engine: "nginx",
    hosts: [],
    backends: { catalog: "be_catalog", storefront: "be_storefront" },
    addresses: {},
    options: {},
  },
  servers: {},
  services: { catalog: { port: 8080 }, storefront: { port: 3000 } },
  home: "/nowhere",
} as unknown as Parameters<typeof readSetup>[0]);

async function wire(text: string): Promise<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-wiring-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "nginx.conf");
  writeFileSync(file, text);
  const lines = await wired(setup, { hasInclude: false, unwired: setup.backends, kept: {} }, [file]);
  expect(readFileSync(file, "utf8")).toBe(text);
  return lines?.[file];
}

const catalog = `  server {
    listen 8080;
    location / { 
      proxy_pass http://be_catalog;
    }
  }
`;
const storefront = catalog.replace("8080", "80").replace("be_catalog", "be_storefront");
const upstream = (name: string): string => `  upstream ${name} {\n    server blue1:80;\n  }\n`;

test("what cutover's files define stands before the first location that uses it, whichever service is named first", async () => {
  const text = await wire(
    `http {\n${upstream("be_storefront")}${storefront}${upstream("be_catalog")}${catalog}}\n`,
  );
  expect(text?.split("\n").slice(0, 3)).toEqual([
    "http {",
    "  include /etc/nginx/conf.d/cutover-market.conf;",
    "  upstream be_storefront {",
  ]);
  expect(text?.match(/include/g)).toHaveLength(3);
});

test("so it does where the servers come before the upstreams", async () => {
  const other = `  server {\n    listen 81;\n  }\n`;
  const text = await wire(
    `http {\n${other}${storefront}${catalog}${upstream("be_storefront")}${upstream("be_catalog")}}\n`,
  );
  expect(text?.indexOf("include")).toBe(`http {\n${other}  `.length);
});

test("a configuration without a proxy_pass that names the upstream is left to its operator", async () => {
  expect(await wire(`http {\n${upstream("be_storefront")}${upstream("be_catalog")}}\n`)).toBeUndefined();
});
