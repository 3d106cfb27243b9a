import { expect, test } from "vitest";
import type { Output } from "../../../src/cli/output.ts";
import { jsonPresenter } from "../../../src/cli/present/json.ts";
import { plainPresenter } from "../../../src/cli/present/plain.ts";
import type { Outcome, Presenter } from "../../../src/cli/present/presenter.ts";
import { terminalPresenter } from "../../../src/cli/present/terminal.ts";
import type { CutoverEvent } from "../../../src/plan/event.ts";
import { readTerminal, type TerminalSize } from "../read-terminal.ts";
import { fleetDeploy, underWay } from "./recorded-fleet.ts";
import { badDeploy, goodDeploy, healthFailed } from "./recorded.ts";

interface Recorder {
  readonly output: Output;
  readonly text: () => string;
}

function recorder(isTerminal: boolean, size: TerminalSize): Recorder {
  const parts: string[] = [];
  const output: Output = {
    isTerminal,
    columns: () => size.columns,
    rows: () => size.rows,
    paint: (_style, text) => text,
    write: (text) => void parts.push(text),
    writeJson: (value) => void parts.push(`${JSON.stringify(value)}\n`),
  };
  return { output, text: () => parts.join("") };
}

const size = { columns: 80, rows: 24 };

function play(presenter: Presenter, events: readonly CutoverEvent[], outcome: Outcome): void {
  events.forEach((event) => presenter.emit(event));
  presenter.finish(outcome);
}

async function seen(text: string, terminal: TerminalSize = size): Promise<string> {
  return (await readTerminal(text, terminal)).join("\n");
}

const done: Outcome = { exit: 0, data: {} };
const failed: Outcome = { exit: 4, problem: healthFailed, data: {} };

test("plain prints one line per event", () => {
  const { output, text } = recorder(false, size);
  play(plainPresenter(output, output), goodDeploy, done);
  expect(text()).toMatchSnapshot();
});

test("plain prints the problem once, whether it came with the end or was thrown too", () => {
  const { output, text } = recorder(false, size);
  play(plainPresenter(output, output), badDeploy, failed);
  expect(text()).toMatchSnapshot();
});

test("plain tells once a minute what the judge knows so far", () => {
  const open = (look: number): CutoverEvent => ({
    event: "judge",
    verdict: "open",
    why: "The evidence does not suffice yet.",
    evidence: [`errors   new 0 of ${look * 10}`],
    stage: 3,
    isDryRun: false,
  });
  const { output, text } = recorder(false, size);
  const events = Array.from({ length: 130 }, (_, i) => open(i + 1));
  play(plainPresenter(output, output), events, done);
  expect(text()).toBe(
    [600, 1200]
      .map((count) => `judge  The evidence does not suffice yet.\n       errors   new 0 of ${count}\n`)
      .join(""),
  );
});

test("a terminal shows what the judge knows below the wait, and keeps its verdict, in lines that fit", async () => {
  const { output, text } = recorder(true, size);
  const presenter = terminalPresenter(output, output, { now: () => 0 });
  const evidence = [
    "errors   new 0 of 354, old 0 of 366: as good so far, 18 to 1; 200 to 1 settles it",
    "slow     new 1 of 297 (0.3 %), old 3 of 364 (0.8 %): as good, over a million to 1",
  ];
  const judged = { event: "judge", evidence, stage: 3, isDryRun: false } as const;
  presenter.emit({ event: "hold", why: "judging the new release", until: 60_000 });
  presenter.emit({ ...judged, verdict: "open", why: "The evidence does not suffice yet." });
  const lines = [
    "    errors   new 0 of 354, old 0 of 366: as good so far, 18 to 1; 200",
    "             to 1 settles it",
    "    slow     new 1 of 297 (0.3 %), old 3 of 364 (0.8 %): as good, over",
    "             a million to 1",
  ].join("\n");
  const hold = "  … judging the new release                                            1m00s";
  expect((await seen(text())).trimEnd()).toBe([hold, lines].join("\n"));
  presenter.emit({ ...judged, verdict: "sound", why: "Release 2 is as good as release 1." });
  expect((await seen(text())).trimEnd()).toBe(
    ["  ✓ Release 2 is as good as release 1.", lines, hold].join("\n"),
  );
});

test("json prints every event as it is, and the result last", () => {
  const { output, text } = recorder(false, size);
  play(jsonPresenter(output, output), badDeploy, { ...failed, data: { release: "20261121101502" } });
  const lines = text()
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines.slice(0, -1)).toEqual(JSON.parse(JSON.stringify(badDeploy)));
  expect(lines.at(-1)).toEqual({
    event: "result",
    ok: false,
    exit: 4,
    release: "20261121101502",
    problem: healthFailed,
  });
});

test("a terminal ends with a permanent line for every step", async () => {
  const { output, text } = recorder(true, size);
  play(terminalPresenter(output, output, { now: () => 0 }), goodDeploy, done);
  expect(await seen(text())).toMatchSnapshot();
});

test("a terminal shows a failure on one screen", async () => {
  const { output, text } = recorder(true, size);
  play(terminalPresenter(output, output, { now: () => 0 }), badDeploy, failed);
  expect(await seen(text())).toMatchSnapshot();
});

test("a terminal shows what runs, with its clock and its last output line", async () => {
  const { output, text } = recorder(true, size);
  let now = 0;
  const presenter = terminalPresenter(output, output, { now: () => now });
  goodDeploy.slice(0, 3).forEach((event) => presenter.emit(event));
  now = 65_000;
  presenter.emit({ event: "output", host: "local", source: "build", line: "x".repeat(200) });
  const screen = (await seen(text())).split("\n");
  presenter.finish(done);
  expect(screen).toEqual([
    "Deploying 20261121101502 on local (now 20261120093000)",
    "",
    expect.stringMatching(/^ {2}▸ Stage release 20261121101502 +1m05s$/),
    expect.stringMatching(/^ {4}build: x+…$/),
  ]);
});

test("a narrow terminal is never wrapped into a mess", async () => {
  const narrow = { columns: 40, rows: 10 };
  const { output, text } = recorder(true, narrow);
  const presenter = terminalPresenter(output, output, { now: () => 0 });
  goodDeploy.slice(0, 5).forEach((event) => presenter.emit(event));
  const lines = (await seen(text(), narrow)).split("\n");
  presenter.finish(done);
  expect(lines.filter((line) => line.includes("Stage release"))).toHaveLength(1);
});

test("while a question is asked nothing is redrawn over it", () => {
  const { output, text } = recorder(true, size);
  const presenter = terminalPresenter(output, output, { now: () => 0 });
  presenter.emit(goodDeploy[1] ?? { event: "note", text: "" });
  presenter.hold(true);
  const asked = text().length;
  presenter.emit(goodDeploy[2] ?? { event: "note", text: "" });
  expect(text()).toHaveLength(asked);
  presenter.hold(false);
  expect(text().length).toBeGreaterThan(asked);
  presenter.finish(done);
});

test("plain tells a step of several hosts once, and of a failure whose it is", () => {
  const { output, text } = recorder(false, size);
  play(plainPresenter(output, output), fleetDeploy, { ...failed, problem: undefined });
  expect(text()).toMatchSnapshot();
});

test("plain says what begins although nothing has followed yet", async () => {
  const { output, text } = recorder(false, size);
  const presenter = plainPresenter(output, output);
  underWay.slice(0, 5).forEach((event) => presenter.emit(event));
  await Promise.resolve();
  expect(text()).toContain("begin  Stage release 20261121101502 · all 4 hosts\n");
});

test("a terminal shows four hosts at work as one step with the last line of each", async () => {
  const { output, text } = recorder(true, size);
  let now = 0;
  const presenter = terminalPresenter(output, output, { now: () => now });
  underWay.forEach((event) => presenter.emit(event));
  now = 7000;
  presenter.hold(false);
  const screen = (await seen(text())).split("\n");
  presenter.finish(done);
  expect(screen.slice(2)).toEqual([
    expect.stringMatching(/^ {2}▸ Stage release 20261121101502 · web1, web3, web4 \(1 of 4 done\) +7\.0s$/),
    "    web1 build: added 212 packages in 9s",
    "    web3 build: compiled in 2.1s",
  ]);
});

test("a terminal keeps a line for every step of a fleet, and names the host that failed", async () => {
  const { output, text } = recorder(true, size);
  play(terminalPresenter(output, output, { now: () => 0 }), fleetDeploy, done);
  const screen = await seen(text());
  expect(screen).toMatchSnapshot();
  expect(Math.max(...screen.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("a hundred hosts are no hundred lines", () => {
  const { output, text } = recorder(false, size);
  const many = Array.from({ length: 100 }, (_, index) => `web${index + 1}`);
  const [opening, first] = underWay;
  if (opening?.event !== "begin" || first?.event !== "effect") throw new Error("recorded otherwise");
  const stages = many.map((host) => ({ ...first, effect: { ...first.effect, host } }));
  const presenter = plainPresenter(output, output);
  presenter.emit({ ...opening, goal: { ...opening.goal, hosts: many } });
  stages.forEach((event) => presenter.emit(event));
  stages.forEach(({ effect }) =>
    presenter.emit({ event: "outcome", effect, outcome: { outcome: "done" }, ms: 10 }),
  );
  presenter.finish(done);
  expect(text().split("\n").slice(1, -1)).toEqual([
    "begin  Stage release 20261121101502 · all 100 hosts",
    "done   Stage release 20261121101502 · all 100 hosts (10ms)",
  ]);
});
