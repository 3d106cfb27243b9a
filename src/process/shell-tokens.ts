/** A word after quote removal, or an operator such as "&&". Substitutions stay as written. */
export interface Token {
  readonly kind: "word" | "operator";
  readonly text: string;
  /** False when the shell would still change the word (expansion, glob, comment). */
  readonly literal: boolean;
  /** Quoted in part or whole: never a keyword, an assignment or an operator. */
  readonly quoted: boolean;
}

interface Piece {
  readonly text: string;
  readonly end: number;
  readonly literal: boolean;
}

const operator = /^(?:\d*(?:<<-?|>>|<&|>&|<>|>\||<|>)|&&|\|\||;;|[|&;()\n])/;
const special = new Set("$`*?[]{}~#!");

/** Tokens of a POSIX shell line; null when a quote is left open. Here-documents are not understood. */
export function shellTokens(line: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const blank = /^(?:[ \t]|\\\n)+/.exec(line.slice(at));
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const found = operator.exec(line.slice(at));
    if (found !== null) {
      tokens.push({ kind: "operator", text: found[0], literal: true, quoted: false });
      at += found[0].length;
      continue;
    }
    const word = readWord(line, at);
    if (word === null) return null;
    tokens.push(word.token);
    at = word.end;
  }
  return tokens;
}

function readWord(line: string, start: number): { token: Token; end: number } | null {
  let text = "";
  let literal = true;
  let quoted = false;
  let at = start;
  while (at < line.length && !/[ \t\n|&;()<>]/.test(line.charAt(at))) {
    const piece = readPiece(line, at);
    if (piece === null) return null;
    quoted ||= /["'\\]/.test(line.charAt(at));
    text += piece.text;
    literal &&= piece.literal;
    at = piece.end;
  }
  return { token: { kind: "word", text, literal, quoted }, end: at };
}

function readPiece(line: string, at: number): Piece | null {
  const character = line.charAt(at);
  if (character === "'") {
    const end = line.indexOf("'", at + 1);
    return end < 0 ? null : { text: line.slice(at + 1, end), end: end + 1, literal: true };
  }
  if (character === '"') return readDoubleQuoted(line, at + 1);
  if (character === "\\") {
    if (at + 1 >= line.length) return { text: "\\", end: at + 1, literal: false };
    const next = line.charAt(at + 1);
    return { text: next === "\n" ? "" : next, end: at + 2, literal: true };
  }
  if (character === "$" || character === "`") return readSubstitution(line, at);
  return { text: character, end: at + 1, literal: !special.has(character) };
}

function readDoubleQuoted(line: string, start: number): Piece | null {
  let text = "";
  let literal = true;
  let at = start;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === '"') return { text, end: at + 1, literal };
    if (character === "\\" && at + 1 < line.length) {
      const next = line.charAt(at + 1);
      if (next !== "\n") text += /[$`"\\]/.test(next) ? next : `\\${next}`;
      at += 2;
      continue;
    }
    if (character === "$" || character === "`") {
      const piece = readSubstitution(line, at);
      text += piece.text;
      literal = false;
      at = piece.end;
      continue;
    }
    text += character;
    at += 1;
  }
  return null;
}

/** `$(...)`, `${...}` and backticks in one piece, so that operators inside do not end the word. */
function readSubstitution(line: string, at: number): Piece {
  const closing = closingOf(line, at);
  const end = closing < 0 ? at + 1 : closing + 1;
  return { text: line.slice(at, end), end, literal: false };
}

function closingOf(line: string, at: number): number {
  if (line.charAt(at) === "`") return line.indexOf("`", at + 1);
  const open = line.charAt(at + 1);
  const close = open === "(" ? ")" : open === "{" ? "}" : "";
  if (close === "") return -1;
  let depth = 0;
  for (let index = at + 1; index < line.length; index += 1) {
    if (line.charAt(index) === open) depth += 1;
    if (line.charAt(index) === close) depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}
