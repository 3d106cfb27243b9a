import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isRecord } from "./fields.ts";
import type { Fields } from "./fields.ts";

export interface PortAsk {
  readonly port?: number | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly run: string | readonly string[];
}

/** The public port as far as it can be known before the program runs; undefined: the supervisor learns it. */
export function portOf(ask: PortAsk): number | undefined {
  const words = typeof ask.run === "string" ? ask.run.split(/\s+/) : ask.run;
  return (
    ask.port ??
    number(ask.env["PORT"]) ??
    portInWords(words) ??
    portInWords(packageScript(words, ask.cwd)) ??
    portInEnvFile(join(ask.cwd, ".env"))
  );
}

function portInWords(words: readonly string[]): number | undefined {
  for (const [index, word] of words.entries()) {
    const next = words[index + 1] ?? "";
    const written =
      /^(?:PORT|--port|-p|(?:--|-D)(?:\w+\.)*(?:server|http)[.-]port)=(.+)$/.exec(word)?.[1] ??
      (/^(?:--port|-p)$/.test(word) ? next : undefined);
    const port = number(written) ?? number(/^-p(\d+)$/.exec(word)?.[1]) ?? boundPort(word, next);
    if (port !== undefined) return port;
  }
  return undefined;
}

/** `gunicorn -b 0.0.0.0:8000`, `php -S localhost:8000`, `python3 -m http.server 8000`, `manage.py runserver 8000`. */
function boundPort(word: string, next: string): number | undefined {
  if (/^(?:runserver|http\.server)$/.test(word)) return number(next.split(":").at(-1));
  const address =
    /^--(?:bind|listen)=(.+)$/.exec(word)?.[1] ?? (/^(?:-b|-S|--bind|--listen)$/.test(word) ? next : "");
  return number(/^[^/]*:(\d+)$/.exec(address)?.[1]);
}

/** Words of the package.json script that `npm run x`, `yarn x` or `pnpm x` stands for. */
function packageScript(words: readonly string[], cwd: string): readonly string[] {
  const [program = "", ...more] = words;
  if (!["npm", "yarn", "pnpm"].includes(basename(program))) return [];
  const name = more.find((word) => !word.startsWith("-") && word !== "run" && word !== "run-script");
  const scripts = readPackage(cwd)["scripts"];
  const script = name !== undefined && isRecord(scripts) ? scripts[name] : undefined;
  return typeof script === "string" ? script.split(/\s+/) : [];
}

export function readPackage(cwd: string): Fields {
  try {
    const read: unknown = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
    return isRecord(read) ? read : {};
  } catch {
    return {};
  }
}

function portInEnvFile(path: string): number | undefined {
  try {
    return number(
      /^\s*(?:export\s+)?PORT\s*=\s*["']?(\d+)["']?\s*(?:#.*)?$/m.exec(readFileSync(path, "utf8"))?.[1],
    );
  } catch {
    return undefined;
  }
}

function number(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}
