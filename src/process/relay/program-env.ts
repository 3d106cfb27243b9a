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

export interface Ports {
  readonly open: number;
  readonly hidden: number;
}

/**
 * Words of a program with the private port in them: for `$PORT`, and where they name the public one as the port to bind
 * (`--port 8000`, `-b 0.0.0.0:8000`, `-Dserver.port=8000`), which the program could never have.
 */
export function insertPort(words: readonly string[], ports: Ports): string[] {
  return words.map((word, at) => {
    const filled = word.replaceAll(/\$(?:PORT\b|\{PORT\})/g, String(ports.hidden));
    return isBound(filled, words[at - 1] ?? "", ports.open)
      ? filled.slice(0, -String(ports.open).length) + String(ports.hidden)
      : filled;
  });
}

/** The same for a line of the shell, which fills in `$PORT` itself. */
export function insertPortInLine(line: string, ports: Ports): string {
  const parts = line.split(/(\s+)/);
  return parts
    .map((part, at) => {
      const [, word = "", quote = ""] = /^(.*?)(["';]*)$/s.exec(part) ?? [];
      return isBound(word, parts[at - 2] ?? "", ports.open)
        ? word.slice(0, -String(ports.open).length) + String(ports.hidden) + quote
        : part;
    })
    .join("");
}

const portWord = /port|listen|bind|addr|runserver|http\.server$|^-[pPlbS]$/i;

/** Whether a word ends with the port, in a place where programs are told what to bind; an address with a scheme is somebody else's. */
function isBound(word: string, before: string, port: number): boolean {
  const [, lead] = new RegExp(`^(.*?)${String(port)}$`, "s").exec(word) ?? [];
  if (lead === undefined || lead.includes("//")) return false;
  if (lead === "") return portWord.test(before);
  if (lead.endsWith("=")) return portWord.test(lead);
  return /^-[pPlb]$/.test(lead) || /(^|=|["'])[\w.*[\]:-]*:$/.test(lead);
}

function withoutPreload(options: string): string {
  return options
    .replaceAll(/(?:--require|-r)[ =](?:"[^"]*\/preload\.cjs"|\S*\/preload\.cjs)(?=\s|$)/g, "")
    .trim();
}
