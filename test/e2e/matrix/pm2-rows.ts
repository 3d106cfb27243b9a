import type { Row } from "./by-hand.ts";

const close = { ON_SIGINT: "close" };
const connclose = { ON_SIGINT: "connclose" };
const npm = "npm -- run start:prod";

/** The table of PM2's losses; the last column is what PM2 7 lost per verb (keep-alive / close) at 300 requests a second. */
export const rows: readonly (readonly [Omit<Row, "times">, string])[] = [
  [{ start: "APP", verb: "restart" }, "109 / 105"],
  [{ start: "APP", verb: "restart", env: close }, "161 / 116"],
  [{ start: npm, verb: "restart" }, "216 / 326"],
  [{ start: npm, verb: "reload" }, "288 / 198"],
  [{ start: npm, verb: "reload", env: close }, "755 / 152"],
  [{ start: npm, verb: "reload", env: { ...close, BOOT_MS: "3000" } }, "1,717 / 1,077"],
  [{ start: "APP", verb: "reload", env: close }, "217 / 132"],
  [{ start: "APP", verb: "reload", env: { ...close, BOOT_MS: "3000" } }, "1,128 / 990"],
  [{ start: "APP -i 1", verb: "restart", env: close }, "142 / 122"],
  [{ start: "APP -i 2", verb: "restart", env: close }, "46 / 29"],
  [{ start: "APP -i 1", verb: "reload" }, "15 / 13"],
  [{ start: "APP -i 1", verb: "reload", env: close }, "8 / 0"],
  [{ start: "APP -i 2", verb: "reload" }, "20 / 12"],
  [{ start: "APP -i 2", verb: "reload", env: close }, "12 / 0"],
  [{ start: "APP -i 2", verb: "reload", env: connclose }, "0.3 / 0"],
  [{ start: "APP -i max", verb: "reload", env: close }, "12 / 0"],
  [{ start: "APP -i 4", verb: "reload", env: close }, "13 / 0"],
  [{ start: "APP -i 2", verb: "reload", app: "express.cjs" }, "11 / -"],
  [{ start: "APP -i 2 --wait-ready --listen-timeout 10000 --kill-timeout 8000", verb: "reload" }, "14 / 10"],
  [
    { start: "APP -i 2 --wait-ready --listen-timeout 10000 --kill-timeout 8000", verb: "reload", env: close },
    "7 / 0",
  ],
  [{ start: "APP -i 1", verb: "reload", env: { ...close, BOOT_MS: "5000" } }, "- / 617"],
  [{ start: "APP -i 2", verb: "reload", env: { ...close, BOOT_MS: "8000" } }, "- / 561"],
  [
    {
      start: "APP -i 2",
      verb: "reload",
      env: close,
      lanes: [
        {
          kind: "requests",
          name: "5 s in flight, kept",
          path: "/slow?ms=5000",
          connection: "keep-alive",
          connections: 20,
          loop: { kind: "open", ratePerSecond: 10 },
        },
        {
          kind: "requests",
          name: "5 s in flight, fresh",
          path: "/slow?ms=5000",
          connection: "fresh",
          loop: { kind: "open", ratePerSecond: 10 },
        },
      ],
    },
    "82 / 62",
  ],
];

export function rowName({ start, verb, app, env, lanes }: Omit<Row, "times">): string {
  const settings = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`);
  const what = [
    start.replace("APP", app ?? "http.cjs"),
    ...settings,
    ...(lanes ?? []).map(({ name }) => name),
  ];
  return `${verb}: ${what.join(" ")}`;
}
