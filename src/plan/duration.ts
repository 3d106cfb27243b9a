/** "10 s", "5 min". */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
