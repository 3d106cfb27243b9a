/** How a repository is reached: command lines are for everybody on the machine to read, so no secret is in the URL. */
export interface Remote {
  readonly url: string;
  /** Tells git the rest. */
  readonly env: Readonly<Record<string, string>>;
}

/** Of the shell that git runs it with: its command line names variables, not values. */
const helper = `!f() { echo "username=$CUTOVER_GIT_USER"; echo "password=$CUTOVER_GIT_PASSWORD"; }; f`;

/**
 * Name and password of an http URL as a credential helper of its host. Without a password the helpers of git's own settings are
 * asked first: the name may be a token, or that of somebody whose password is kept there.
 */
export function remoteOf(url: string): Remote {
  const { scheme, login, rest } =
    /^(?<scheme>https?:\/\/)(?<login>[^/]*)@(?<rest>[^@]*.*)$/is.exec(url)?.groups ?? {};
  if (scheme === undefined || login === undefined || rest === undefined) return { url, env: {} };
  const cut = login.indexOf(":");
  const user = decode(cut === -1 ? login : login.slice(0, cut));
  const password = cut === -1 ? "" : decode(login.slice(cut + 1));
  const host = `credential.${scheme}${rest.split("/")[0] ?? ""}`;
  const settings: readonly (readonly [string, string])[] = [
    [`${host}.username`, user],
    // The empty one forgets all before it: those would keep what they were told of ours.
    ...(cut === -1 ? [] : [["credential.helper", ""] as const]),
    [`${host}.helper`, helper],
  ];
  return {
    url: `${scheme}${rest}`,
    env: { ...asVariables(settings), CUTOVER_GIT_USER: user, CUTOVER_GIT_PASSWORD: password },
  };
}

/** A repository's URL may carry a token: for whoever reads, without it. */
export function withoutSecret(text: string): string {
  return text.replaceAll(/\/\/[^/\s]*@/g, "//***@");
}

/** Behind those that came with our own environment. */
function asVariables(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const given = Number(process.env["GIT_CONFIG_COUNT"] ?? 0);
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${given + index}`, key],
    [`GIT_CONFIG_VALUE_${given + index}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(given + settings.length) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
