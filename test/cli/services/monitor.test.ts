import { expect, test } from "vitest";
import { monitorLines } from "../../../src/cli/services/monitor.ts";
import { statusOf } from "./status.ts";

const mark = (text: string): string => `>${text}`;

test("the selected service stands out, its last log lines fill the rest, the legend is at the bottom", () => {
  const log = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`);
  const view = {
    services: [statusOf(0, "api"), statusOf(1, "worker")],
    selected: 1,
    message: "",
    log,
    now: 5000,
  };
  const lines = monitorLines(view, { rows: 10, columns: 80 }, mark);
  expect(lines).toHaveLength(10);
  expect(lines[1]).toContain("api");
  expect(lines[2]).toMatch(/^>.*worker/);
  expect(lines.slice(4, 8)).toEqual(["line 16", "line 17", "line 18", "line 19"]);
  expect(lines.at(-1)).toContain("q quit");
});

test("a message takes the place of the legend, and no service is told as such", () => {
  const lines = monitorLines(
    { services: [], selected: 0, message: "gone", log: [], now: 0 },
    { rows: 10, columns: 80 },
    mark,
  );
  expect(lines).toEqual(["No services.", "", "gone"]);
});
