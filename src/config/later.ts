import type { Key, Shape } from "./shape.ts";
import { isMap, type Path } from "./validate.ts";

export interface LaterUse {
  readonly path: Path;
  /** What this version does instead, after "this version". */
  readonly instead: string;
}

/** Keys and values used that a later version will act on. */
export function laterUses(value: unknown, shape: Shape, path: Path = []): readonly LaterUse[] {
  if (shape.kind === "either") {
    return shape.of.flatMap((one) => laterUses(value, one, path));
  }
  if (!isMap(value)) {
    return [];
  }
  if (shape.kind === "map") {
    return Object.entries(value).flatMap(([name, inner]) => laterUses(inner, shape.of, [...path, name]));
  }
  if (shape.kind !== "object") {
    return [];
  }
  return Object.entries(shape.keys).flatMap(([name, key]) => {
    const inner = Object.hasOwn(value, name) ? value[name] : undefined;
    if (inner === undefined) {
      return [];
    }
    const instead = insteadOf(key, inner);
    const here = [...path, name];
    return instead === undefined ? laterUses(inner, key.shape, here) : [{ path: here, instead }];
  });
}

function insteadOf({ later }: Key, value: unknown): string | undefined {
  if (typeof later !== "object") {
    return later;
  }
  return typeof value === "string" ? later[value] : undefined;
}
