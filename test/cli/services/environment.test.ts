import { expect, test } from "vitest";
import { updatedEnvironment } from "../../../src/cli/services/environment.ts";
import { isProblem } from "../../../src/problem.ts";
import { specOf, statusOf } from "./status.ts";

const service = statusOf(0, "api", "api", {
  spec: specOf({
    port: 3000,
    env: { PATH: "/old", GONE: "1", PORT: "3000", NODE_ENV: "production" },
    declared: ["NODE_ENV"],
  }),
});

test("--update-env takes the shell's variables, forgets those that are gone and keeps the declared ones", () => {
  expect(updatedEnvironment(service, { PATH: "/new", ADDED: "1" })).toMatchObject({
    env: { PATH: "/new", ADDED: "1", NODE_ENV: "production" },
    port: 3000,
  });
  expect(Object.keys(updatedEnvironment(service, { PATH: "/new" }).env)).toEqual(["PATH", "NODE_ENV"]);
});

test("a port that came from PORT goes with it, a declared one stays", () => {
  expect(updatedEnvironment(service, { PORT: "4000" }).port).toBe(4000);
  const fixed = statusOf(0, "api", "api", { spec: specOf({ port: 3000, env: {} }) });
  expect(updatedEnvironment(fixed, { PORT: "4000" }).port).toBe(3000);
});

test("the environment of a deployed release is not taken from a shell", () => {
  const deployed = statusOf(1, "shop", "web", { live: "20261121101502" });
  try {
    updatedEnvironment(deployed, {});
    expect.unreachable();
  } catch (error) {
    expect(isProblem(error) && error.detail).toMatchObject({ code: "ENV_OF_RELEASE", exit: 2 });
  }
});
