import type { AtSwitch } from "./result.ts";

const names = {
  upload: ["upload", "uploads"],
  stream: ["stream", "streams"],
  websocket: ["WebSocket", "WebSockets"],
} as const;

/** "Under way at the switch: 2 uploads, both answered by v1; 1 stream, ended cleanly and opened again."; null: nothing was. */
export function sayAtSwitch(lanes: readonly AtSwitch[]): string | null {
  const met = lanes.filter(({ underWay }) => underWay > 0);
  return met.length === 0 ? null : `Under way at ${when(lanes)}: ${met.map(sayLane).join("; ")}.`;
}

/** Whoever asked for them wants to know that nothing was shown. */
export function sayMissed(lanes: readonly AtSwitch[]): string | null {
  const missed = lanes.filter(({ underWay }) => underWay === 0).map(({ what }) => names[what]);
  if (missed.length === 0) return null;
  const [one, several] = [missed.map(([name]) => name), missed.map(([, name]) => name)];
  return `No ${one.join(" and no ")} was under way at ${when(lanes, "any")}, so nothing is shown of ${several.join(" and ")}.`;
}

/** "the switch", "one of 4 switches". */
function when(lanes: readonly AtSwitch[], which = "one"): string {
  const switches = Math.max(...lanes.map((lane) => lane.switches));
  return switches === 1 ? "the switch" : `${which} of ${switches} switches`;
}

function sayLane(lane: AtSwitch): string {
  const { what, underWay } = lane;
  const fates = fatesOf(lane);
  const all = fates.length === 1 ? allOf(underWay) : null;
  const said = fates.map(([count, fate]) => `${all ?? `${count} `}${fate}`);
  return `${underWay} ${names[what][underWay === 1 ? 0 : 1]}, ${said.join(", ")}`;
}

function allOf(count: number): string {
  return count === 1 ? "" : count === 2 ? "both " : `all ${count} `;
}

function fatesOf(lane: AtSwitch): readonly (readonly [count: number, fate: string])[] {
  const { what, answered, answeredBy, ended, reopened, lostBy, open } = lane;
  const told = Object.entries(answeredBy);
  const untold = told.reduce((rest, [, count]) => rest - count, answered);
  const again = reopened >= ended ? " and opened again" : "";
  const fates: (readonly [number, string])[] = [
    ...told.map(([version, count]) => [count, `answered by ${version}`] as const),
    [untold, "answered"],
    [ended, `${what === "websocket" ? "closed" : "ended"} cleanly${again}`],
    ...Object.entries(lostBy).map(([failure, count]) => [count, `lost (${failure})`] as const),
    [open, "still open when the measuring ended"],
  ];
  return fates.filter(([count]) => count > 0);
}
