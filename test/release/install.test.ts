import { describe, expect, test } from "vitest";
import { readInstallStep, splitSteps } from "../../src/release/install.ts";

describe("readInstallStep", () => {
  test.each([
    ["npm ci", "."],
    ["npm ci --omit=dev --no-audit", "."],
    ["npm ci --omit dev", "."],
    ["npm install", "."],
    ["npm i --no-fund", "."],
    ["yarn", "."],
    ["yarn install --frozen-lockfile", "."],
    ["pnpm i --frozen-lockfile", "."],
    ["cd client && npm ci", "client"],
  ])("%s only fills the dependency directory of %s", (line, dir) => {
    expect(readInstallStep(line)?.dir).toBe(dir);
  });

  test.each([
    "npm install express",
    "npm i -g yarn",
    "npm ci --prefix client",
    "npm ci; rm -rf dist",
    "npm ci && npm run build",
    "npm ci > log",
    "npm run ci",
    "yarn build",
    "yarn add left",
    "composer install --no-dev",
    "echo npm ci",
    "npm ci $(cat flags)",
  ])("%s does more than that, or is not known to do less", (line) => {
    expect(readInstallStep(line)).toBeNull();
  });

  test("scripts that the user switched off stay off", () => {
    expect(readInstallStep("npm ci --ignore-scripts")?.runsScripts).toBe(false);
    expect(readInstallStep("npm ci")?.runsScripts).toBe(true);
  });
});

test("an install that is followed by more is a step of its own", () => {
  const lines = ["npm ci && npm run build && npm prune", "make && make install", "cd a && npm ci && make"];
  expect(splitSteps(lines)).toEqual(["npm ci", "npm run build && npm prune", ...lines.slice(1)]);
});
