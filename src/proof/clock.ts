/** "10:15:02" of UTC. */
export function clockText(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
