/** One directive of an nginx configuration: its words, and what stands in its braces. */
export interface Directive {
  readonly words: readonly string[];
  readonly block: readonly Directive[] | null;
}

/** Reads one file that nginx has accepted, so anything odd is passed over. */
export function parseFile(text: string): readonly Directive[] {
  const tokens = [
    ...text.matchAll(
      /#[^\n]*|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[{};]|(?:\\[^]|\$\{|[^\s{};"'\\])(?:\\[^]|\$\{|[^\s{};\\])*/g,
    ),
  ]
    .map(([token]) => token)
    .filter((token) => !token.startsWith("#"));
  return readBlock(tokens.values());
}

function readBlock(tokens: Iterator<string>): Directive[] {
  const directives: Directive[] = [];
  let words: string[] = [];
  for (let next = tokens.next(); next.done !== true; next = tokens.next()) {
    if (next.value === "}") return directives;
    if (next.value !== "{" && next.value !== ";") {
      words.push(unquote(next.value));
      continue;
    }
    directives.push({ words, block: next.value === "{" ? readBlock(tokens) : null });
    words = [];
  }
  return directives;
}

function unquote(token: string): string {
  return /^["']/.test(token) ? token.slice(1, -1).replaceAll(/\\(["'\\])/g, "$1") : token;
}

/** A text as one word of a configuration. */
export function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A text as a regular expression that matches just this. */
export function literal(text: string): string {
  return text.replaceAll(/[^\w]/g, (char) => `\\x{${char.codePointAt(0)?.toString(16) ?? ""}}`);
}
