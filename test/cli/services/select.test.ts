import { expect, test } from "vitest";
import { labelOf } from "../../../src/cli/services/label.ts";
import { selectServices } from "../../../src/cli/services/select.ts";
import { isProblem } from "../../../src/problem.ts";
import { statusOf } from "./status.ts";

const services = [
  statusOf(0, "api"),
  statusOf(1, "worker"),
  statusOf(2, "shop", "web"),
  statusOf(3, "shop", "jobs"),
  statusOf(4, "blog", "web"),
];

const chosen = (...words: readonly string[]): readonly string[] =>
  selectServices(words, services).map(labelOf);

function problemOf(...words: readonly string[]): unknown {
  try {
    return chosen(...words);
  } catch (error) {
    return isProblem(error) ? error.detail : error;
  }
}

test("services are meant by id, name, app/service, the name of an app, or all", () => {
  expect(chosen("0")).toEqual(["api"]);
  expect(chosen("worker", "api")).toEqual(["api", "worker"]);
  expect(chosen("shop/web")).toEqual(["shop/web"]);
  expect(chosen("shop")).toEqual(["shop/web", "shop/jobs"]);
  expect(chosen("jobs")).toEqual(["shop/jobs"]);
  expect(chosen("all", "api")).toHaveLength(5);
});

test("an unknown word names the nearest service and ends with the exit code of usage", () => {
  expect(problemOf("worke")).toMatchObject({
    code: "SERVICE_UNKNOWN",
    what: 'There is no service "worke". Did you mean "worker"?',
    exit: 2,
  });
  expect(problemOf("9")).toMatchObject({ code: "SERVICE_UNKNOWN", exit: 2 });
});

test("a name that two apps share is asked for, not guessed", () => {
  expect(problemOf("web")).toMatchObject({
    code: "SERVICE_AMBIGUOUS",
    fix: "Say which one: shop/web, blog/web",
    exit: 2,
  });
});
