import { globalFlags } from "./arguments.ts";
import { groups } from "./catalog.ts";
import type { Command, Flag } from "./command.ts";

const nameWidth = 12;
/** The longest flags push their sentence a little to the right. */
const flagWidth = 32;

/** What `cutover` alone prints. */
export async function overview(): Promise<string> {
  const sections = await Promise.all(
    groups.map(async ({ title, commands }) => {
      const lines = await Promise.all(
        Object.entries(commands).map(
          async ([name, load]) => `  ${name.padEnd(nameWidth)}${(await load()).command.summary}`,
        ),
      );
      return lines.length === 0 ? [] : ["", title, ...lines];
    }),
  );
  return [
    "Usage: cutover COMMAND [flags]",
    ...sections.flat(),
    "",
    'Every command takes -c FILE, --stage NAME, --json, --yes, --verbose. "cutover help COMMAND" tells more.',
  ].join("\n");
}

/** What `cutover help NAME` prints. */
export function commandHelp(name: string, command: Command): string {
  const own = Object.entries(command.options).map(flagLine);
  const global = Object.entries(globalFlags).map(flagLine);
  return [
    `cutover ${name}: ${command.summary}`,
    "",
    `Usage: cutover ${name} ${command.usage}`.trimEnd(),
    ...(own.length === 0 ? [] : ["", ...own]),
    "",
    ...global,
    ...(command.notes === undefined ? [] : ["", ...command.notes]),
  ].join("\n");
}

function flagLine([name, flag]: readonly [string, Flag]): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  const value = flag.type === "string" ? ` ${flag.value ?? "VALUE"}` : "";
  const left = `  ${short}--${name}${value}`;
  return flag.about === undefined ? left : `${left.padEnd(flagWidth)} ${flag.about}`;
}
