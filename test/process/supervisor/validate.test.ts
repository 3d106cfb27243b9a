import { expect, it } from "vitest";
import type { ServiceSpec } from "../../../src/plan/spec.ts";
import { asSpec } from "../../../src/process/supervisor/validate.ts";

const good: ServiceSpec = {
  app: "shop",
  name: "web",
  engine: "builtin",
  run: "node app.js",
  cwd: "/srv/shop",
  instances: 1,
  handover: "auto",
  health: { kind: "none", intervalMs: 1, healthyAfter: 1, timeoutMs: 1, minUptimeMs: 1 },
  bootMs: 1,
  drainMs: 1,
  stop: { signal: "SIGTERM", timeoutMs: 1 },
  restart: { auto: true, maxInRow: 1, firstDelayMs: 1, maxDelayMs: 1 },
  env: {},
  after: [],
  fatal: [],
  logs: { maxBytes: 1, keep: 1 },
};

it("accepts a complete spec for its own service only", () => {
  expect(asSpec(good, "shop/web")).toEqual(good);
  expect(() => asSpec(good, "shop/other")).toThrow();
});

const wrong: readonly (readonly [string, unknown])[] = [
  ["app", "../shop"],
  ["run", []],
  ["run", " "],
  ["run", ["node", "a\0b"]],
  ["cwd", "relative"],
  ["port", 0],
  ["port", 70_000],
  ["instances", 0],
  ["instances", 1.5],
  ["health", { kind: "http", path: "no-slash" }],
  ["health", { ...good.health, kind: "http", path: "/\r\nX: y", expect: 200, warm: [] }],
  ["health", { ...good.health, kind: "telepathy" }],
  ["stop", { signal: "TERM", timeoutMs: 1 }],
  ["env", { A: 1 }],
  ["fatal", ["("]],
  ["logs", null],
];

it.each(wrong)("refuses %s: %j, and names it", (field, value) => {
  try {
    asSpec({ ...good, [field]: value }, "shop/web");
  } catch (error) {
    expect(error).toMatchObject({
      detail: { code: "BAD_REQUEST", why: `spec.${field} is missing or wrong` },
    });
    return;
  }
  throw new Error("it was accepted");
});
