import { lengthText } from "../axis.ts";
import type { Stretch, TimeAxis } from "../time-axis.ts";
import { escape, round } from "./markup.ts";

/** Attributes of what is drawn, as each picture has its colours. */
export interface Ink {
  readonly page: string;
  readonly line: string;
  readonly text: string;
}

export interface Band {
  readonly y: number;
  readonly height: number;
}

const leastWidth = 3;
const hatchStep = 9;
const lyingWidth = 92;
const letterWidth = 7.4;
/** A standing line of text is that wide. */
const standingWidth = 14;

/** Hatched, with its length; `says` is told with it where there is room. */
export function gapShapes(
  gaps: readonly Stretch[],
  { x }: Pick<TimeAxis, "x">,
  { band, ink, says }: { readonly band: Band; readonly ink: Ink; readonly says: (gap: Stretch) => string },
): readonly string[] {
  let free = Number.NEGATIVE_INFINITY;
  return gaps.flatMap((gap) => {
    const [from, to] = [x(gap.from), Math.max(x(gap.to), x(gap.from) + leastWidth)];
    const middle = (from + to) / 2;
    const words = [lengthText(gap.to - gap.from), says(gap)];
    const label = middle - standingWidth / 2 < free ? "" : labelOf(words, { middle, width: to - from, band });
    if (label !== "") free = middle + standingWidth / 2;
    return [
      `<rect x="${round(from)}" y="${band.y}" width="${round(to - from)}" height="${band.height}" ${ink.page}><title>${escape(words.join(" "))}</title></rect>`,
      `<path d="${hatching(from, to, band)}" ${ink.line} stroke-width="1.4" fill="none"/>`,
      ...(label === "" ? [] : [`<g ${ink.text}>${label}</g>`]),
    ];
  });
}

/** Lines from the lower left to the upper right that end at the borders; patterns would need a name in the document. */
function hatching(from: number, to: number, { y, height }: Band): string {
  const count = Math.ceil((to - from + height) / hatchStep);
  return Array.from({ length: count }, (_, i) => {
    const foot = from - height + (i + 0.5) * hatchStep;
    const [begin, end] = [Math.max(from, foot), Math.min(to, foot + height)];
    const heightAt = (x: number): number => y + height - (x - foot);
    return begin < end
      ? `M${round(begin)} ${round(heightAt(begin))}L${round(end)} ${round(heightAt(end))}`
      : "";
  }).join("");
}

interface Room {
  readonly middle: number;
  readonly width: number;
  readonly band: Band;
}

/** On two lines, on one, or standing; none where there is no room for it. */
function labelOf(words: readonly string[], { middle, width, band: { y, height } }: Room): string {
  const centre = y + height / 2;
  const line = (content: string, at: number): string =>
    `<text x="${round(middle)}" y="${round(at)}" text-anchor="middle">${escape(content)}</text>`;
  const fitting = (pixels: number): string | undefined =>
    [words.join(" "), words[0] ?? ""].find((content) => content.length * letterWidth <= pixels);
  if (width >= lyingWidth && height >= 4 * standingWidth)
    return words.map((word, i) => line(word, centre - 3 + i * 15)).join("");
  const lying = fitting(width);
  if (lying !== undefined && height < 4 * standingWidth) return line(lying, centre + 4);
  const standing = fitting(height);
  if (standing === undefined) return "";
  return `<g transform="rotate(-90 ${round(middle)} ${round(centre)})">${line(standing, centre + 4)}</g>`;
}

/** Two strokes over the line of the axis wherever it is broken. */
export function cutMarks({ cuts, x }: Pick<TimeAxis, "cuts" | "x">, y: number, ink: Ink): readonly string[] {
  return cuts.flatMap(({ from, to }) => {
    const middle = (x(from) + x(to)) / 2;
    const stroke = (at: number): string => `M${round(at - 3)} ${y + 6}L${round(at + 3)} ${y - 6}`;
    return [
      `<rect x="${round(middle - 4)}" y="${y - 5}" width="8" height="10" ${ink.page}/>`,
      `<path class="cut" d="${stroke(middle - 4)}${stroke(middle + 4)}" ${ink.line} stroke-width="1.6" fill="none"/>`,
    ];
  });
}
