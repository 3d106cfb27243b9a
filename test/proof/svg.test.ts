import { expect, test } from "vitest";
import { barsOf } from "../../src/proof/bars.ts";
import { runsOf } from "../../src/proof/runs.ts";
import { addToSlots, openSlots, secondsOf } from "../../src/proof/slots.ts";
import { proofSvg } from "../../src/proof/svg.ts";
import { measuredRun, measuredRuns } from "./runs.ts";

const hour = 3_600_000;
const lostRed = "#dc2626";

interface Shape {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The bars of one colour; those of the legend are ten wide and ten high. */
function barsIn(svg: string, fill: string): readonly Shape[] {
  const found = svg.matchAll(
    /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="([^"]+)"\/>/g,
  );
  return [...found].flatMap(([, x, y, width, height, colour]) =>
    colour === fill && height !== "10"
      ? [{ x: Number(x), y: Number(y), width: Number(width), height: Number(height) }]
      : [],
  );
}

function gapIn(svg: string, length: string): { readonly from: number; readonly to: number } {
  const shape = `<rect x="([\\d.]+)" y="116" width="([\\d.]+)" [^>]*><title>${length} not measured`;
  const [, x = "", width = ""] = new RegExp(shape).exec(svg) ?? [];
  return { from: Number(x), to: Number(x) + Number(width) };
}

function textsIn(svg: string): readonly string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
}

function pointsIn(svg: string): readonly (readonly number[])[] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points = ""]) =>
    points.split(" ").map((point) => Number(point.split(",")[0])),
  );
}

test("one run fills the whole axis, without a gap", () => {
  const svg = proofSvg(measuredRun());
  expect(svg).not.toContain("not measured");
  const bars = barsIn(svg, "#94a3b8");
  expect(bars).toHaveLength(24);
  expect(bars[0]?.x).toBe(64);
});

test("what met a switch is told below the axis, on as many lines as it takes, within the picture", () => {
  const figures = { underWay: 2, answered: 2, answeredBy: { "20261121101502": 2 }, switches: 1, open: 0 };
  const none = { ended: 0, reopened: 0, lost: 0, lostBy: {} };
  const proof = measuredRun();
  const lanes = (["upload", "stream", "websocket"] as const).map((what) => ({
    lane: what,
    what,
    ...figures,
    ...none,
  }));
  const plain = proofSvg(proof);
  const svg = proofSvg({ ...proof, atSwitch: lanes });
  const said = textsIn(svg).filter((line) => !textsIn(plain).includes(line));
  expect(said.length).toBeGreaterThan(1);
  expect(said.join(" ")).toMatch(
    /^Under way at the switch: 2 uploads, both answered by 20261121101502; 2 streams, .*\.$/,
  );
  const places = [...svg.matchAll(/<text [^>]*y="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(Math.max(...places)).toBeLessThan(Number(/viewBox="0 0 960 (\d+)"/.exec(svg)?.[1]));
});

test("runs before and after a gap stand side by side, the gap with its length between them", () => {
  const svg = proofSvg(
    measuredRuns(
      { durationMs: 12_000, version: (ms) => (ms < 4000 ? "1" : "2") },
      { at: 32_000, durationMs: 18_000, version: () => "3", isLost: (ms) => ms === 9000 },
    ),
  );
  const before = ["#94a3b8", "#2563eb"].flatMap((fill) => barsIn(svg, fill));
  const after = barsIn(svg, "#0d9488");
  expect([before.length, after.length]).toEqual([12, 18]);
  const gap = gapIn(svg, "20s");
  for (const { x, width } of before) expect(x + width).toBeLessThan(gap.from);
  for (const { x } of after) expect(x).toBeGreaterThanOrEqual(gap.to);
  expect(barsIn(svg, lostRed).map(({ x }) => x)).toEqual([after[9]?.x]);
  for (const points of pointsIn(svg))
    expect(points.every((x) => x < gap.from) || points.every((x) => x > gap.to)).toBe(true);
  expect(textsIn(svg)).toContain("Hatched: not measured for 20s from 10:15:14 to 10:15:34 UTC.");
  expect(textsIn(svg).filter((text) => text === "not measured")).toHaveLength(2);
});

test("each run has its own deployment shaded", () => {
  const svg = proofSvg(measuredRuns({}, { at: 30_000 }, { at: 60_000 }));
  expect(svg.match(/height="3" fill="#2563eb"/g)).toHaveLength(6);
});

test("gaps of hours break the axis, which is said, and its numbers go on counting", () => {
  const svg = proofSvg(
    measuredRuns(
      { durationMs: 14_000 },
      { at: 14_000 + 3 * hour, durationMs: 12_000 },
      { at: 26_000 + 6 * hour, durationMs: 18_000 },
    ),
  );
  expect(svg.match(/class="cut"/g)).toHaveLength(4);
  expect(textsIn(svg)).toContain("The time axis is broken there (//): gaps are not drawn to scale.");
  expect(textsIn(svg)).toContain("3h00m20s");
  expect(textsIn(svg).filter((text) => text === "3h")).toHaveLength(4);
  expect(barsIn(svg, "#94a3b8")).toHaveLength(44);
});

test("of many gaps each is told, standing, and all of them together", () => {
  const svg = proofSvg(
    measuredRuns(...Array.from({ length: 9 }, (_, i) => ({ at: i * 100_000, durationMs: 8000 }))),
  );
  expect(svg.match(/<g transform="rotate\(-90 [^>]*><text [^>]*>1m32s not measured</g)).toHaveLength(16);
  expect(textsIn(svg)).toContain("Hatched: not measured 8 times, 12m16s together.");
});

test("a run of which no request was answered is red all through, and no latency is made up for it", () => {
  const svg = proofSvg(measuredRuns({ durationMs: 12_000, isLost: () => true }, { at: 32_000 }));
  const red = barsIn(svg, lostRed);
  expect(red).toHaveLength(12);
  expect(red.every(({ height }) => height > 100)).toBe(true);
  expect(textsIn(svg)).toContain("nothing answered");
  expect(svg).not.toMatch(/NaN|Infinity|null|undefined/);
  const alone = proofSvg(measuredRun({ isLost: () => true }));
  expect(alone).not.toContain("<polyline");
  expect(alone).not.toMatch(/NaN|Infinity|null|undefined/);
});

test("no line leads over an outage", () => {
  const svg = proofSvg(measuredRun({ isLost: (ms) => ms >= 8000 && ms < 12_000 }));
  const lines = pointsIn(svg);
  expect(lines).toHaveLength(4);
  expect(lines.map(({ length }) => length)).toEqual([8, 12, 8, 12]);
});

test("a run of one slot has its latency over all its length", () => {
  const svg = proofSvg(measuredRuns({ durationMs: 8000 }, { at: 10_000, durationMs: 1000 }));
  expect(pointsIn(svg).map((points) => points.length)).toEqual([8, 2, 8, 2]);
  const [, [from = 0, to = 0] = []] = pointsIn(svg);
  expect([from, to]).toEqual([864, 944]);
});

test("a last slot of an instant tells no rate of its own, and loses nothing", () => {
  const proof = measuredRun({ durationMs: 10_100 });
  expect(proof.seconds).toHaveLength(11);
  const [run] = runsOf(proof);
  if (run === undefined) throw new Error("there is one run");
  const bars = barsOf(run, 900);
  expect(bars).toHaveLength(10);
  expect(bars.reduce((sum, { answered }) => sum + answered, 0)).toBe(505);
  expect(bars.at(-1)).toMatchObject({ from: run.from + 9000, to: run.from + 10_100, answered: 55 });
  expect(barsOf(run, 4).map(({ answered }) => answered)).toEqual([150, 150, 205]);
});

test("a run whose clock was behind is drawn after the one before it, and that is said", () => {
  const proof = measuredRuns({ durationMs: 20_000 }, { at: 5000, durationMs: 20_000 });
  expect(runsOf(proof).map(({ from, to }) => [from - proof.startedAt, to - proof.startedAt])).toEqual([
    [-5000, 15_000],
    [15_000, 35_000],
  ]);
  expect(textsIn(proofSvg(proof)).at(-1)).toBe(
    "The clock of a later run was behind that of the one before it: how long lay between is not known.",
  );
});

test("by night it is dark", () => {
  expect(proofSvg(measuredRun())).toMatch(
    /<style>@media \(prefers-color-scheme: dark\)\{.*\[fill="#ffffff"\]/,
  );
});

/** Which name each colour of the legend has, and where it begins. */
function legendOf(
  svg: string,
): readonly { readonly fill: string; readonly name: string; readonly x: number }[] {
  const found = svg.matchAll(
    /<rect x="([\d.]+)" y="78" width="10" height="10" fill="([^"]+)"\/>\n<text [^>]*>([^<]*)<\/text>/g,
  );
  return [...found].map(([, x, fill = "", name = ""]) => ({ fill, name, x: Number(x) }));
}

function inTurn(count: number, digits = 14): (ms: number) => string {
  return (ms) => `1${String(Math.floor(ms / 3000) % count).padStart(digits - 1, "0")}`;
}

test("no two releases share a colour: of many those that answered least are told as one", () => {
  const svg = proofSvg(measuredRun({ version: (ms) => (ms < 6000 ? inTurn(2)(ms) : inTurn(8)(ms)) }));
  const told = legendOf(svg);
  expect(told.map(({ name }) => name)).toEqual([
    "10000000000000",
    "10000000000001",
    "10000000000002",
    "10000000000003",
    "4 other releases",
    "lost",
  ]);
  expect(new Set(told.map(({ fill }) => fill)).size).toBe(told.length);
  const drawn = told.flatMap(({ fill }) => barsIn(svg, fill));
  expect(drawn).toHaveLength(24);
});

test.each([
  ["release ids", 14],
  ["commits", 22],
])("the legend has room for all of them and what was lost, %s too", (_, digits) => {
  const version = (ms: number): string | undefined =>
    ms % 100 === 0 ? undefined : inTurn(5, digits)(Math.floor(ms / 2));
  const told = legendOf(proofSvg(measuredRun({ durationMs: 36_000, version, isLost: (ms) => ms === 9000 })));
  expect(told.map(({ name }) => name).slice(-2)).toEqual(["release not told", "lost"]);
  expect(told).toHaveLength(7);
  expect(told.at(-1)?.x).toBeLessThan(944 - 45);
  if (digits === 14) expect(told.map(({ name }) => name).join()).not.toContain("…");
  else expect(told[4]?.name).toMatch(/^1\d+…\d+4$/);
});

test("an error that tells its release is lost, and no answer of that release beside", () => {
  const slots = openSlots();
  const sample = { lane: "kept", dueMs: 10, endMs: 14, isTimed: true, version: "2" };
  addToSlots(slots, sample, 1000);
  addToSlots(slots, { ...sample, failure: "5xx", detail: "status 500" }, 1000);
  expect(secondsOf(slots, 1000).seconds).toMatchObject([{ answered: 1, failed: 1, versions: { "2": 1 } }]);
});
