const longest = 16_384;

/** Cuts a byte stream into lines; a carriage return redraws a line, so only what was last written on it counts. */
export function splitLines(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = "";
  const tell = (line: string): void => {
    const drawn = line.replace(/\r+$/, "");
    onLine(drawn.slice(drawn.lastIndexOf("\r") + 1));
  };
  return {
    write(chunk: Buffer): void {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) tell(line);
      if (rest.length < longest) return;
      tell(rest);
      rest = "";
    },
    end(): void {
      if (rest !== "") tell(rest);
      rest = "";
    },
  };
}
