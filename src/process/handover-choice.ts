/** How the program of `run` gets the public port: Node programs through the preload, others through the relay. */
export function chooseHandover(run: string | readonly string[], cwd: string): "preload" | "relay" {
  const words = typeof run === "string" ? run.split(" ") : run;
  const isNode = words.some((word) => /(^|\/)(node|npm|npx|yarn|pnpm)$/.test(word));
  return isNode && cwd !== "" ? "preload" : "relay";
}
