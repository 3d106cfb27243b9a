/** One directive of an nginx configuration: its words, where it begins, and what stands in its braces. */
export interface Directive {
  readonly words: readonly string[];
  readonly block: readonly Directive[] | null;
  readonly at: Place;
}

interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

interface Token {
  readonly text: string;
  readonly line: number;
}

/** Reads one file that nginx has accepted, so anything odd is passed over. */
export function parseFile(text: string, file = ""): readonly Directive[] {
  const found = text.matchAll(
    /\n|#[^\n]*|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[{};]|(?:\\[^]|\$\{|[^\s{};"'\\])(?:\\[^]|\$\{|[^\s{};\\])*/g,
  );
  const tokens: Token[] = [];
  let line = 1;
  for (const [token] of found) {
    if (token !== "\n" && !token.startsWith("#")) tokens.push({ text: token, line });
    line += token.split("\n").length - 1;
  }
  return readBlock(tokens.values(), file);
}

function readBlock(tokens: Iterator<Token>, file: string): Directive[] {
  const directives: Directive[] = [];
  let words: Token[] = [];
  for (let next = tokens.next(); next.done !== true; next = tokens.next()) {
    const { text, line } = next.value;
    if (text === "}") return directives;
    if (text !== "{" && text !== ";") {
      words.push(next.value);
      continue;
    }
    directives.push({
      words: words.map((word) => unquote(word.text)),
      block: text === "{" ? readBlock(tokens, file) : null,
      at: { file, line: words[0]?.line ?? line },
    });
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
