import { expect, test } from "vitest";
import { listColumns, listRow } from "../../../src/cli/services/rows.ts";
import { renderDetails, renderTable } from "../../../src/cli/present/table.ts";
import { instanceOf, specOf, statusOf } from "./status.ts";

test("the list has one line per service with its name uncut", () => {
  const long = "a-very-long-name-of-a-service-that-must-stay-greppable-in-a-pipe";
  const services = [
    statusOf(0, "api", "api", {
      instances: [instanceOf(0), instanceOf(1, { startedAt: 60_000 })],
      spec: specOf({ instances: 2 }),
    }),
    statusOf(10, "shop", long, { state: "stopped", instances: [], live: null, port: null, restarts: 7 }),
  ];
  const text = renderTable(
    listColumns,
    services.map((service) => listRow(service, 90_000)),
  );
  expect(
    text.split("\n").map((line) =>
      line
        .split(/\s{2,}/)
        .map((cell) => cell.trim())
        .filter(Boolean),
    ),
  ).toEqual([
    ["id", "name", "port", "ready", "state", "release", "restarts", "uptime", "cpu", "memory"],
    ["0", "api", "3000", "2/2", "online", "g1", "0", "30.0s", "100%", "88 MB"],
    ["10", `shop/${long}`, "-", "0/0", "stopped", "-", "7", "-", "0%", "0 MB"],
  ]);
});

test("fewer open instances than wanted show as degraded, none as starting", () => {
  const state = (open: number): string | undefined =>
    listRow(
      statusOf(0, "api", "api", {
        instances: [0, 1].map((slot) => instanceOf(slot, { state: slot < open ? "open" : "starting" })),
        spec: specOf({ instances: 2 }),
      }),
      0,
    )[4];
  expect([state(2), state(1), state(0)]).toEqual(["online", "degraded", "starting"]);
});

test("details fold long values at words beside their label", () => {
  expect(
    renderDetails(
      [
        ["id", "1"],
        ["env", "AAA BBB CCC DDD EEE FFF GGG HHH III"],
      ],
      35,
    ),
  ).toBe(["  id   1", "  env  AAA BBB CCC DDD EEE FFF GGG", "       HHH III"].join("\n"));
});
