import type { ServiceStatus } from "../../process/protocol.ts";
import { listColumns, listRow } from "./rows.ts";
import { renderTable } from "../present/table.ts";

export interface MonitorView {
  readonly services: readonly ServiceStatus[];
  readonly selected: number;
  /** What the last key did, or the question it asks. */
  readonly message: string;
  /** Last log lines of the selected service. */
  readonly log: readonly string[];
  readonly now: number;
}

const legend = "up/down select   r reload   s stop or start   q quit";

/** The screen of `cutover monit`, line by line; `mark` makes the selected one stand out. */
export function monitorLines(
  view: MonitorView,
  size: { readonly rows: number; readonly columns: number },
  mark: (text: string) => string,
): readonly string[] {
  const { services, selected, now } = view;
  if (services.length === 0) return ["No services.", "", view.message || legend];
  const [header = "", ...rows] = renderTable(
    listColumns,
    services.map((service) => listRow(service, now)),
  ).split("\n");
  const table = rows.map((row, index) => (index === selected ? mark(row.padEnd(header.length)) : row));
  const room = Math.max(0, size.rows - table.length - 4);
  const log = view.log.slice(Math.max(0, view.log.length - room)).map((line) => line.slice(0, size.columns));
  return [
    header,
    ...table,
    "",
    ...log,
    ...Array.from({ length: room - log.length }, () => ""),
    "",
    view.message || legend,
  ];
}
