/** Said to the relay itself: a program below it opens a port of its own and must not take the public one. */
const ownWords = [
  "CUTOVER_LISTEN",
  "CUTOVER_GATE",
  "CUTOVER_BACKLOG",
  "CUTOVER_LEARN",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The program's environment: its private port, nothing of the handover. */
export function programEnv(env: Environment, port: number): Record<string, string | undefined> {
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !ownWords.includes(name)));
  const options = withoutPreload(env["NODE_OPTIONS"] ?? "");
  if (options === "") delete rest["NODE_OPTIONS"];
  else rest["NODE_OPTIONS"] = options;
  return { ...rest, PORT: String(port) };
}

/** `$PORT` in the words of a program that is started without a shell. */
export function insertPort(words: readonly string[], port: number): string[] {
  return words.map((word) => word.replaceAll(/\$(?:PORT\b|\{PORT\})/g, String(port)));
}

function withoutPreload(options: string): string {
  return options
    .replaceAll(/(?:--require|-r)[ =](?:"[^"]*\/preload\.cjs"|\S*\/preload\.cjs)(?=\s|$)/g, "")
    .trim();
}
