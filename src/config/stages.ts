import type { ConfigDocument, Place } from "./document.ts";
import { isMap, type Path } from "./validate.ts";

/** A document read for one stage. */
export interface Written {
  readonly document: ConfigDocument;
  readonly stage: string | undefined;
}

/** The stage's overlay on the rest: maps are merged key by key, everything else is replaced, null removes. */
export function overlay(base: unknown, top: unknown): unknown {
  if (!isMap(base) || !isMap(top)) {
    return top;
  }
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(top)) {
    if (value === null) {
      delete merged[name];
    } else {
      merged[name] = Object.hasOwn(base, name) ? overlay(base[name], value) : value;
    }
  }
  return merged;
}

/** Where a value of the merged config stands, or the nearest thing around it: in the stage first. */
export function placeOf(path: Path, { document, stage }: Written): Place {
  for (let length = path.length; length > 0; length -= 1) {
    for (const written of writtenAt(path.slice(0, length), stage)) {
      const place = document.place(written);
      if (place !== undefined) {
        return place;
      }
    }
  }
  return { line: 1, column: 1 };
}

/** The scalar as written, undefined for text. */
export function writtenSource(path: Path, { document, stage }: Written): string | undefined {
  const at = writtenAt(path, stage).find((candidate) => document.place(candidate) !== undefined);
  return at === undefined ? undefined : document.source(at);
}

function writtenAt(path: Path, stage: string | undefined): readonly Path[] {
  return stage === undefined ? [path] : [["stages", stage, ...path], path];
}
