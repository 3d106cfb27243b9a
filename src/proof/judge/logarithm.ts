/** Natural logarithms of what would overflow: probabilities of many events, and evidence. */

const tabled = 256;
const table = factorials();

function factorials(): readonly number[] {
  const values = [0];
  for (let n = 1; n < tabled; n++) values.push((values[n - 1] ?? 0) + Math.log(n));
  return values;
}

/** ln C(n, k) for whole 0 <= k <= n. */
export function lnChoose(n: number, k: number): number {
  return lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);
}

/** ln n! for whole n; by Stirling's series where it is exact to the last bits. */
export function lnFactorial(n: number): number {
  const known = table[n];
  if (known !== undefined) return known;
  const square = n * n;
  const series = (1 / 12 - (1 / 360 - 1 / (1260 * square)) / square) / n;
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}

/** ln of the sum of what the logarithms stand for. */
export function lnSum(logarithms: readonly number[]): number {
  const highest = Math.max(...logarithms);
  return highest + Math.log(logarithms.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

/** ln of the mean of what the logarithms stand for. */
export function lnMean(logarithms: readonly number[]): number {
  return lnSum(logarithms) - Math.log(logarithms.length);
}
