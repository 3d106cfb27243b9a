/** Breaks a sentence between words, so that a terminal does not break it inside one; later lines are indented. */
export function wrap(text: string, columns: number, indent: number): string {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > columns - indent) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}
