/** One directive of a Caddyfile, and where it stands in the text. */
export interface Directive {
  readonly words: readonly string[];
  /** Offset of its first character. */
  readonly start: number;
  /** Offset behind its last word, or behind the brace that closes its block. */
  readonly end: number;
  readonly block: Block | null;
}

export interface Block {
  /** Offset behind the opening brace, and of the closing one. */
  readonly start: number;
  readonly end: number;
  readonly directives: readonly Directive[];
}

interface Token {
  readonly word: string;
  readonly isQuoted: boolean;
  readonly start: number;
  readonly end: number;
  readonly isFirstOfLine: boolean;
}

/** Reads a file that Caddy has accepted, so anything odd is passed over. Sites are directives whose words are their addresses. */
export function parseCaddyfile(text: string): readonly Directive[] {
  const tokens = readTokens(text);
  return readBlock(tokens, { at: 0 }, text.length).directives;
}

const pattern = /#[^\n]*|"(?:\\[^]|[^"\\])*"|`[^`]*`|(?:\\[^]|[^\s\\])+|\n/g;

function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let isFirstOfLine = true;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (found === "\n") isFirstOfLine = true;
    if (found === "\n" || found.startsWith("#")) continue;
    const isQuoted = /^["`]/.test(found);
    const word = isQuoted ? found.slice(1, -1).replaceAll('\\"', '"') : found;
    tokens.push({ word, isQuoted, start: index, end: index + found.length, isFirstOfLine });
    isFirstOfLine = false;
  }
  return tokens;
}

function readBlock(tokens: readonly Token[], place: { at: number }, end: number): Block {
  const start = tokens[place.at]?.start ?? end;
  const directives: Directive[] = [];
  for (let token = tokens[place.at]; token !== undefined; token = tokens[place.at]) {
    if (isBrace(token, "}")) return { start, end: token.start, directives };
    directives.push(readDirective(tokens, place, token));
  }
  return { start, end, directives };
}

function readDirective(tokens: readonly Token[], place: { at: number }, first: Token): Directive {
  const words: string[] = [];
  let last = first;
  for (let token = tokens[place.at]; token !== undefined; token = tokens[place.at]) {
    if (isBrace(token, "}")) break;
    // The addresses of a site go on behind a comma.
    if (token.isFirstOfLine && token !== first && !last.word.endsWith(",")) break;
    place.at += 1;
    last = token;
    if (isBrace(token, "{")) {
      const block = readBlock(tokens, place, token.end);
      const close = tokens[place.at];
      place.at += 1;
      return {
        words,
        start: first.start,
        end: close?.end ?? block.end,
        block: { ...block, start: token.end },
      };
    }
    words.push(token.word);
  }
  return { words, start: first.start, end: last.end, block: null };
}

function isBrace({ word, isQuoted }: Token, brace: "{" | "}"): boolean {
  return word === brace && !isQuoted;
}

/** A text as one word. */
export function quote(text: string): string {
  // {$NAME} and {name} would be replaced even in quotes.
  const plain = text.replaceAll(/\\[^]|\{(?=[a-z$])/g, (found) => (found === "{" ? "\\x7b" : found));
  return plain.includes("`") ? `"${plain.replaceAll('"', '\\"')}"` : `\`${plain}\``;
}
