/** A value in pieces: text that stands as it is, and references that a source resolves. */
export type Piece = { readonly text: string } | { readonly reference: string };

export interface Expanded {
  readonly pieces: readonly Piece[];
  /** Values that came from the operator's environment. */
  readonly fromEnvironment: readonly string[];
}

/** undefined: there is no such variable. */
export type Lookup = (name: string) => { readonly value: string; readonly isPublic: boolean } | undefined;

const variable = /\\\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::-([^}]*))?\})/g;
const enclosed = /\{\{\s*([a-z][a-z0-9-]*:\/\/[^{}]*?)\s*\}\}/g;

/** Puts variables in ($NAME, ${NAME}, ${NAME:-default}; \$ is a dollar), then finds the references of `schemes`. */
export function expand(
  value: string,
  schemes: readonly string[],
  lookup: Lookup,
  missing: (name: string) => never,
): Expanded {
  const fromEnvironment: string[] = [];
  const text = value.replace(variable, (_whole, bare?: string, braced?: string, otherwise?: string) => {
    const name = bare ?? braced;
    if (name === undefined) {
      return "$";
    }
    const found = lookup(name);
    if (found === undefined || (found.value === "" && otherwise !== undefined)) {
      return otherwise ?? missing(name);
    }
    if (!found.isPublic) {
      fromEnvironment.push(found.value);
    }
    return found.value;
  });
  return { pieces: split(text, schemes), fromEnvironment };
}

/** `op://vault/item/field` as the whole value, or {{ op://vault/item/field }} anywhere in it. */
export function split(text: string, schemes: readonly string[]): readonly Piece[] {
  if (schemes.some((scheme) => text.startsWith(`${scheme}://`))) {
    return [{ reference: text }];
  }
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(enclosed)) {
    pieces.push({ text: text.slice(from, match.index) }, { reference: match[1] ?? "" });
    from = match.index + match[0].length;
  }
  return [...pieces, { text: text.slice(from) }].filter((piece) => !("text" in piece) || piece.text !== "");
}
