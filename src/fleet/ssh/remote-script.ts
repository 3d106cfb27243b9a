/**
 * What the host's shell runs. The remote command itself has to pass through any login shell, so it only reads the script from
 * standard input: one line, single quotes, no backslash. dd takes no byte more than it is told.
 */
export function remoteCommand(script: string): string {
  return `exec /bin/sh -c 'eval "$(dd bs=1 count=${Buffer.byteLength(script)} 2>/dev/null)"'`;
}

/** Begins every line that is ours; what a login shell prints before it is skipped. */
export function markerOf(nonce: string): string {
  return `cutover-${nonce}`;
}

/**
 * Starts the agent when the wanted version is there and the Node that was found good when it was put there. Otherwise says
 * what is needed, and runs the script that the operator sends then.
 */
export function startScript(version: string, nonce: string): string {
  return `
set -u
home=\${CUTOVER_HOME:-$HOME/.cutover}
kept=$home/versions/${version}
say() { printf '\\n${markerOf(nonce)} %s\\n' "$*"; }
start() {
  case ":$PATH:" in *":\${node%/*}:"*) ;; *) PATH=$PATH:\${node%/*}; export PATH ;; esac
  cd /
  exec "$node" "$kept/dist/cli/main.js" agent
}
node=
{ read -r node <"$kept/.node"; } 2>/dev/null
if [ -n "$node" ] && [ -x "$node" ]; then say ready; start; fi
say absent
read -r length
eval "$(dd bs=1 count="$length" 2>/dev/null)"
`.trim();
}
