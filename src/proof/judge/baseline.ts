const leastAnswers = 300;

/**
 * The latency above which an answer of the new release is slow: the 90th percentile of the old one's, in ms. null: fewer than
 * 300 answers, which say too little about their slowest tenth.
 */
export function slowAboveMs(latenciesMs: readonly number[]): number | null {
  if (latenciesMs.length < leastAnswers) return null;
  const sorted = Float64Array.from(latenciesMs).sort();
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? null;
}
