import { exits, Problem } from "../../problem.ts";

/** One KEY=VALUE of a template, its references not yet looked at. */
export interface TemplateEntry {
  readonly key: string;
  /** Quotes taken off, escapes of double quotes undone (but for the dollar, which keeps its backslash). */
  readonly value: string;
  /** In single quotes a dollar is a dollar. */
  readonly isLiteral: boolean;
  readonly line: number;
}

interface Cursor {
  readonly text: string;
  readonly file: string;
  at: number;
}

const keyPattern = /(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/y;

/** Reads dotenv syntax, never by a shell. Problem ENV_TEMPLATE names the line; values are never part of its words. */
export function parseTemplate(source: string, file: string): readonly TemplateEntry[] {
  const cursor: Cursor = { text: source.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"), file, at: 0 };
  const entries: TemplateEntry[] = [];
  while (skipBlank(cursor)) {
    const line = lineAt(cursor);
    const key = readKey(cursor, line);
    if (entries.some((entry) => entry.key === key)) {
      throw templateProblem(file, line, `${key} is there twice; readers disagree on which one counts`);
    }
    entries.push({ key, line, ...readValue(cursor, key, line) });
  }
  return entries;
}

/** Moves over empty lines and comments; false at the end. */
function skipBlank(cursor: Cursor): boolean {
  cursor.at += /^(?:[ \t]*(?:#[^\n]*)?(?:\n|$))*[ \t]*/.exec(cursor.text.slice(cursor.at))?.[0].length ?? 0;
  return cursor.at < cursor.text.length;
}

function lineAt({ text, at }: Cursor): number {
  return text.slice(0, at).split("\n").length;
}

function readKey(cursor: Cursor, line: number): string {
  keyPattern.lastIndex = cursor.at;
  const match = keyPattern.exec(cursor.text);
  if (match?.[1] === undefined) {
    throw templateProblem(cursor.file, line, "expected KEY=VALUE");
  }
  cursor.at += match[0].length;
  return match[1];
}

function readValue(cursor: Cursor, key: string, line: number): Pick<TemplateEntry, "value" | "isLiteral"> {
  const quote = cursor.text[cursor.at];
  if (quote !== '"' && quote !== "'") {
    return { value: readBare(cursor, key, line), isLiteral: false };
  }
  const body = quote === '"' ? /"((?:\\[^]|[^"\\])*)"/y : /'([^']*)'/y;
  body.lastIndex = cursor.at;
  const match = body.exec(cursor.text);
  if (match === null) {
    throw templateProblem(cursor.file, line, `the value of ${key} has no closing ${quote}`);
  }
  cursor.at += match[0].length;
  const rest = /[ \t]*(#[^\n]*)?(?=\n|$)/y;
  rest.lastIndex = cursor.at;
  const after = rest.exec(cursor.text);
  if (after === null) {
    throw templateProblem(cursor.file, line, `there is something behind the closing ${quote} of ${key}`);
  }
  cursor.at += after[0].length;
  const inner = match[1] ?? "";
  return { value: quote === '"' ? unescape(inner) : inner, isLiteral: quote === "'" };
}

function readBare(cursor: Cursor, key: string, line: number): string {
  const end = cursor.text.indexOf("\n", cursor.at);
  const raw = cursor.text.slice(cursor.at, end === -1 ? undefined : end);
  cursor.at += raw.length;
  const value = raw.replace(/(^|\s)#.*$/, "").trim();
  if (value.includes("#")) {
    throw templateProblem(
      cursor.file,
      line,
      `quote the value of ${key}: "#" begins a comment for some readers`,
    );
  }
  return value;
}

function unescape(text: string): string {
  return text.replace(
    /\\([nrt"\\])/g,
    (_whole, letter: string) => ({ n: "\n", r: "\r", t: "\t" })[letter] ?? letter,
  );
}

function templateProblem(file: string, line: number, what: string): Problem {
  return new Problem({
    code: "ENV_TEMPLATE",
    what: `${file}, line ${line}: ${what}.`,
    fix: `Correct line ${line} of ${file}.`,
    state: "Nothing was changed.",
    exit: exits.usage,
  });
}
