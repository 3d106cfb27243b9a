import { renderTable } from "../../../../src/cli/present/table.ts";
import type { Stats } from "../../../../src/proof/result.ts";
import { inAct, type Seen } from "./users.ts";

/** A table of what phones and desktops met, act by act. */
export function figures({ phone, desktop }: Seen, acts: Readonly<Record<string, string>>): string[] {
  const rows = Object.values(acts).map((act) => {
    const [phones, desktops] = [inAct(phone, act), inAct(desktop, act)];
    return [act, ...cells(phones), release(phones), ...cells(desktops), release(desktops)];
  });
  const total = ["All of it", ...cells(phone.total), "", ...cells(desktop.total), ""];
  const columns = ["", "phones", "lost", "p99", "release", "desktops", "lost", "p99", "release"];
  return renderTable(columns, [...rows, total]).split("\n");
}

function cells({ sent, failed, p99Ms }: Stats): readonly string[] {
  return [String(sent), String(failed), p99Ms === null ? "-" : `${Math.round(p99Ms)} ms`];
}

function release({ versions }: { readonly versions: readonly string[] }): string {
  return versions.join(", then ");
}
