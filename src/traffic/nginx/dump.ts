import { dirname, resolve } from "node:path";
import { type Directive, parseFile } from "./tokens.ts";

/** What `nginx -T` prints: every file that it reads, and the configuration they make together. */
export interface Dump {
  readonly files: readonly string[];
  readonly directives: readonly Directive[];
  /** True when an include of the configuration would read a file of this path. */
  reads(path: string): boolean;
}

/** `apart`: files whose directives are left out. */
export function readDump(text: string, apart: readonly string[]): Dump {
  const parts = text.split(/^# configuration file (.+):$/m).slice(1);
  const byPath = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2)
    byPath.set(parts[i] ?? "", (parts[i + 1] ?? "").replace(/^\n/, ""));
  const files = [...byPath.keys()];
  const [main = "/etc/nginx/nginx.conf"] = files;
  const patterns: RegExp[] = [];
  const expand = (directives: readonly Directive[], depth: number): Directive[] =>
    directives.flatMap((directive) => {
      const { words, block } = directive;
      if (block !== null) return [{ ...directive, block: expand(block, depth) }];
      const [name, pattern] = words;
      if (name !== "include" || pattern === undefined || depth > 20) return [directive];
      const isMeant = fileName(resolve(dirname(main), pattern));
      patterns.push(isMeant);
      return files
        .filter((path) => isMeant.test(path) && !apart.includes(path))
        .flatMap((path) => expand(parseFile(byPath.get(path) ?? "", path), depth + 1));
    });
  const directives = expand(parseFile(byPath.get(main) ?? "", main), 0);
  return { files, directives, reads: (path) => patterns.some((pattern) => pattern.test(path)) };
}

/** A pattern of the shell for names of files. */
function fileName(pattern: string): RegExp {
  const source = pattern.replaceAll(/[.+^${}()|\\*?]/g, (char) => {
    if (char === "*") return "[^/]*";
    return char === "?" ? "[^/]" : `\\${char}`;
  });
  return new RegExp(`^${source}$`);
}
