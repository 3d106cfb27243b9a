import { describeMatch } from "../../plan/routing.ts";
import { groupTexts, nameHosts } from "../present/hosts.ts";
import { fitTable, renderTable } from "../present/table.ts";
import { wrap } from "../present/wrap.ts";
import { hostDrift } from "./host-drift.ts";
import { fleetColumns, fleetRow } from "./rows.ts";
import type { SeenFleet } from "./seen.ts";
import { trafficDrift } from "./traffic-drift.ts";

/** One table for the app, and what a + in it stands for. */
export function fleetTable(fleet: SeenFleet, columns: number): string {
  const cohorts = fleet.balancers.flatMap(({ routing }) => routing.cohort ?? []);
  const matches = new Set(cohorts.map(({ match }) => describeMatch(match)));
  const notes = [...matches].map((match) => wrap(`+ besides: ${match}`, columns, 2));
  return [table(fleet, columns), ...notes].join("\n");
}

/** Directories, the widest cells, below it where they do not fit. */
function table(fleet: SeenFleet, columns: number): string {
  const rows = fleet.hosts.map((host) => fleetRow(fleet, host));
  const wide = renderTable(fleetColumns, rows);
  if (Math.max(...wide.split("\n").map((line) => line.length)) <= columns) return wide;
  const names = rows.map(([host = ""]) => host);
  const directories = groupTexts(
    rows.flatMap((row) => (row.at(-1) === "-" ? [] : [[row[0] ?? "", row.at(-1) ?? ""] as const])),
  );
  const narrow = fitTable(
    fleetColumns.slice(0, -1),
    rows.map((row) => row.slice(0, -1)),
    columns,
  );
  return [
    narrow,
    ...directories.map(([hosts, path]) => wrap(`in ${path} · ${nameHosts(hosts, names)}`, columns, 2)),
  ].join("\n");
}

/** One sentence each; the same one of several servers is told once. */
export function fleetDrift(fleet: SeenFleet): readonly string[] {
  const names = fleet.hosts.map(({ host }) => host);
  const own = fleet.hosts.flatMap((host) => hostDrift(fleet, host).map((text) => [host.host, text] as const));
  return [
    ...groupTexts(own).map(([hosts, text]) =>
      names.length < 2 ? text : `${nameHosts(hosts, names)}: ${text}`,
    ),
    ...fleet.balancers.flatMap((balancer) => trafficDrift(fleet, balancer)),
  ];
}
