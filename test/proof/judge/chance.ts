/** Seeded chance, so that a simulation is the same on every machine: a share in [0, 1). */
export type Chance = () => number;

/** Small Fast Counting, 32 bits. */
export function chance(seed: number): Chance {
  let [a, b, c, count] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** How many of `total` come out true. */
export function some(chance: Chance, total: number, share: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return total;
  let count = 0;
  for (let i = 0; i < total; i++) if (chance() < share) count++;
  return count;
}

/** Lognormal with median 1. */
export function lognormal(chance: Chance, sigma: number): number {
  return Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance()));
}
