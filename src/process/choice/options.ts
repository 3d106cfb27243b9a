/** Words without the options in front of them. `withValue` names those that take the next word. */
export function afterOptions(words: readonly string[], withValue: readonly string[] = []): readonly string[] {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") return words.slice(at + 1);
    if (!word.startsWith("-") || word === "-") return words.slice(at);
    if (withValue.includes(word)) at += 1;
  }
  return [];
}

/** Value of `--name value`, `--name=value`, `-n value`; undefined when it is not there before `--`. */
export function optionValue(words: readonly string[], ...names: readonly string[]): string | undefined {
  const end = words.indexOf("--");
  const known = end < 0 ? words : words.slice(0, end);
  for (const [at, word] of known.entries()) {
    for (const name of names) {
      if (word === name) return known[at + 1];
      if (name.startsWith("--") && word.startsWith(`${name}=`)) return word.slice(name.length + 1);
    }
  }
  return undefined;
}

export const assignment: RegExp = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;
