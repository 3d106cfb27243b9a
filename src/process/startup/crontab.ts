import { quote } from "../quote.ts";
import type { SupervisorStart } from "./unit.ts";

const mark = "# cutover supervisor";

/** The @reboot line; cron takes a bare % for a newline. */
export function crontabLine(start: SupervisorStart): string {
  const env = [`CUTOVER_HOME=${quote(start.home)}`, `PATH=${quote(start.path)}`];
  const command = [...env, quote(start.nodePath), quote(start.mainPath)].join(" ");
  const log = quote(`${start.home}/supervisor.log`);
  return `@reboot ${command} >>${log} 2>&1 ${mark} ${start.home}`.replaceAll("%", String.raw`\%`);
}

/** The table with the line in it once; other lines stay as they are. */
export function withLine(table: string, start: SupervisorStart): string {
  const rest = withoutLine(table, start.home);
  const separator = rest === "" || rest.endsWith("\n") ? "" : "\n";
  return `${rest}${separator}${crontabLine(start)}\n`;
}

export function withoutLine(table: string, home: string): string {
  const end = ` ${mark} ${home}`.replaceAll("%", String.raw`\%`);
  const lines = table.split("\n");
  return lines.filter((line) => !line.endsWith(end)).join("\n");
}
