/** What a value has to be, as it comes from a file: the places at which it is something else. */
export type Shape = (value: unknown, place: string) => readonly string[];

export const text: Shape = when((value) => typeof value === "string");
export const truth: Shape = when((value) => typeof value === "boolean");
export const number: Shape = when((value) => typeof value === "number" && Number.isFinite(value));

function when(fits: (value: unknown) => boolean): Shape {
  return (value, place) => (fits(value) ? [] : [place]);
}

/** At least that, and at most so much. */
export function within(least: number, most: number): Shape {
  return when((value) => typeof value === "number" && value >= least && value <= most);
}

export function orNull(shape: Shape): Shape {
  return (value, place) => (value === null ? [] : shape(value, place));
}

export function oneOf(...words: readonly string[]): Shape {
  return when((value) => typeof value === "string" && words.includes(value));
}

export function listOf(shape: Shape): Shape {
  return (value, place) =>
    Array.isArray(value) ? value.flatMap((one, i) => shape(one, `${place}.${i}`)) : [place];
}

/** Any names, each with such a value. */
export function recordOf(shape: Shape): Shape {
  return (value, place) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, one]) => shape(one, placeOf(place, name)))
      : [place];
}

/** These fields, as far as they are there. Others are not looked at. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, place) =>
    isRecord(value)
      ? Object.entries(shapes).flatMap(([name, shape]) =>
          value[name] === undefined ? [] : shape(value[name], placeOf(place, name)),
        )
      : [place];
}

/** All of these fields. */
export function whole(shapes: Readonly<Record<string, Shape>>): Shape {
  const known = fields(shapes);
  return (value, place) => [
    ...known(value, place),
    ...(isRecord(value)
      ? Object.keys(shapes).flatMap((name) => (value[name] === undefined ? [placeOf(place, name)] : []))
      : []),
  ];
}

function placeOf(place: string, name: string): string {
  return place === "" ? name : `${place}.${name}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
