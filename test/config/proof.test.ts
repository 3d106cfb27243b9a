import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { isProblem, type ProblemDetail } from "../../src/problem.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cutover-proof-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const canary = "rollout: { strategy: canary, canary: { judge: { errors: true } } }";

/** undefined: it is accepted. */
async function problemOf(url: string, more = ""): Promise<ProblemDetail | undefined> {
  const text = `app: shop\nservices: { web: { run: x } }\nproof: { url: "${url}" }\n${more}\n`;
  await writeFile(join(directory, "cutover.yml"), text);
  try {
    await loadConfig({ cwd: directory, env: { HOME: "/home/ann" } });
    return undefined;
  } catch (error) {
    if (isProblem(error)) return error.detail;
    throw error;
  }
}

test.each(["http://127.0.0.1:99999/", "https://", "http:///health", "http://[::1/", "ftp://shop/"])(
  "proof.url %s is no URL that could be asked, and is an error of the config",
  async (url) => {
    for (const more of ["", canary]) {
      const problem = await problemOf(url, more);
      expect([problem?.exit, problem?.what]).toEqual([
        2,
        expect.stringContaining("proof.url: expected a whole URL"),
      ]);
    }
  },
);

test.each([
  "http://ann:s3cret@127.0.0.1:3000/health",
  "https://ann@shop.example.com/",
  "http://ann:s3cret@h:99999/",
])("a user or a password in proof.url %s is refused and not printed", async (url) => {
  const problem = await problemOf(url);
  expect([problem?.exit, problem?.what]).toEqual([2, expect.stringContaining("proof.url")]);
  expect(JSON.stringify(problem)).not.toContain("s3cret");
});

test.each(["http://127.0.0.1:65535/", "https://shop.example.com", "http://[::1]:3000/health?deep=1"])(
  "proof.url %s is accepted",
  async (url) => expect(await problemOf(url)).toBe(undefined),
);
