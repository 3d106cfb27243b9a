/** How a repository is reached: command lines are for everybody on the machine to read, so no secret is in them. */
export interface Remote {
  readonly url: string;
  /** Before git's command. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Of the shell that git runs it with: it names variables, not values. */
const helper = `!f() { echo "username=$CUTOVER_GIT_USER"; echo "password=$CUTOVER_GIT_PASSWORD"; }; f`;

/**
 * Name and password of an http URL as a credential helper of its host. Without a password the helpers of git's own settings are
 * asked first: the name may be a token, or that of somebody whose password is kept there.
 */
export function remoteOf(url: string): Remote {
  const { scheme, user, password, rest } =
    /^(?<scheme>https?:\/\/)(?<user>[^/:@]*)(?<password>:[^/]*)?@(?<rest>[^/@]+(\/.*)?)$/is.exec(url)
      ?.groups ?? {};
  if (scheme === undefined || user === undefined || rest === undefined) return { url, options: [], env: {} };
  const place = `credential.${scheme}${rest.split("/")[0] ?? ""}`;
  // The empty one forgets all before it: those would keep what they were told of ours.
  const forget = password === undefined ? [] : ["-c", "credential.helper="];
  return {
    url: `${scheme}${rest}`,
    options: [...forget, "-c", `${place}.helper=${helper}`],
    env: {
      ...(password === undefined ? settingOf(`${place}.username`, decode(user)) : {}),
      CUTOVER_GIT_USER: decode(user),
      CUTOVER_GIT_PASSWORD: decode(password?.slice(1) ?? ""),
    },
  };
}

/** A repository's URL may carry a token: for whoever reads, without it. */
export function withoutSecret(text: string): string {
  return text.replaceAll(/\/\/[^/\s]*@/g, "//***@");
}

/** One of git's settings, behind those that came with our own environment; git before 2.31 does not see it. */
function settingOf(key: string, value: string): Record<string, string> {
  const given = Number(process.env["GIT_CONFIG_COUNT"] ?? 0);
  return {
    [`GIT_CONFIG_KEY_${given}`]: key,
    [`GIT_CONFIG_VALUE_${given}`]: value,
    GIT_CONFIG_COUNT: String(given + 1),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
