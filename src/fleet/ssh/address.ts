import { exits, Problem } from "../../problem.ts";

/** One line of `servers:` or `traffic.hosts:`. */
export interface Address {
  /** What effects, views and messages call it: without user and port. */
  readonly name: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/** `[user@]host[:port]`; the host may be an alias of the user's ssh config, or `[IPv6]`. Problem: SERVER_ADDRESS. */
export function parseAddress(text: string): Address {
  const {
    user,
    six,
    name = six ?? "",
    port: digits,
  } = /^(?:(?<user>[^@\s]+)@)?(?:\[(?<six>[\da-fA-F:.%\w]+)\]|(?<name>[^:@\s[\]]+))(?::(?<port>\d{1,5}))?$/.exec(
    text,
  )?.groups ?? {};
  const port = digits === undefined ? undefined : Number(digits);
  // ssh would take a name with a dash for an option.
  const isUsable = /^[^-]/.test(name) && /^[^-]/.test(user ?? name) && isPort(port ?? 22);
  if (!isUsable) throw unreadable(text);
  return { name, user, port };
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}

function unreadable(text: string): Problem {
  return new Problem({
    code: "SERVER_ADDRESS",
    what: `"${text}" is not the address of a server.`,
    fix: "Write it as deploy@10.0.0.5, deploy@example.com:2222, deploy@[2001:db8::5]:22, or as a Host of your ssh config.",
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}
