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
 * Starts the agent when the wanted version is there, with the Node that was found good when it was put there. Otherwise says
 * so, and runs the script that the operator sends then. `search`: that Node is not to be trusted any more.
 */
export function startScript(version: string, nonce: string, search: boolean): string {
  return `
set -u
home=\${CUTOVER_HOME:-$HOME/.cutover}
kept=$home/versions/${version}
say() { printf '\\n${markerOf(nonce)} %s\\n' "$*"; }
start() {
  case ":$PATH:" in *":\${node%/*}:"*) ;; *) PATH=$PATH:\${node%/*}; export PATH ;; esac
  cd /
  say ready
  exec "$node" "$kept/dist/cli/main.js" agent
}
node=
{ read -r node <"$kept/.node"; } 2>/dev/null
if [ -x "$node" ] && [ ${search ? "search" : "use"} = use ]; then start; fi
say absent
read -r length
eval "$(dd bs=1 count="$length" 2>/dev/null)"
`.trim();
}

export interface Wanted {
  readonly version: string;
  readonly nonce: string;
  /** Bytes of the packed package, and their SHA-256. */
  readonly length: number;
  readonly digest: string;
  /** Program for Node that receives it. */
  readonly receiver: string;
}

const checkNode = `
const [a, b] = process.versions.node.split(".").map(Number);
if (a > 20 || (a === 20 && b >= 19)) process.stdout.write(process.execPath);`.trim();

/**
 * Finds a Node that is new enough, or asks for one; asks for the package; puts both in place whole or not at all, and starts
 * the agent. Speaks: no-node <system> <machine> <packing> · want-package · installed · failed <why> · ready.
 */
export function installScript({ version, nonce, length, digest, receiver }: Wanted): string {
  return `
umask 077
usable() { real=$("$1" -e ${quote(checkNode)} </dev/null 2>/dev/null) && [ -n "$real" ] && node=$real; }
find_node() {
  for one in "$(command -v node 2>/dev/null)" "$(command -v nodejs 2>/dev/null)" /usr/local/bin/node /opt/*/bin/node "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node "$HOME"/.volta/bin/node "$home"/node/*/node; do
    [ -x "$one" ] && usable "$one" && return 0
  done
  return 1
}
give_up() { rm -rf "$part"; say failed "$*"; exit 1; }
take_node() {
  read -r size name && [ "$size" -gt 0 ] || exit 1
  part=$home/.part-node-$$
  mkdir -p "$home/node/$name" "$part" 2>/dev/null || give_up "cannot write to $home"
  why=$( { head -c "$size" >"$part/packed"; } 2>&1 ) || give_up "$why"
  [ "$(wc -c <"$part/packed")" -eq "$size" ] || give_up "the connection ended in the middle of it"
  if [ "$packing" = gzip ]; then
    why=$( { gzip -dc <"$part/packed" >"$part/node"; } 2>&1 ) || give_up "$why"
  else
    mv "$part/packed" "$part/node"
  fi
  chmod 700 "$part/node"
  why=$("$part/node" --version 2>&1) && usable "$part/node" || give_up "node-unusable $why"
  mv -f "$part/node" "$home/node/$name/node" && rm -rf "$part" || give_up "cannot write to $home/node"
  node=$home/node/$name/node
}
if ! find_node; then
  packing=plain; command -v gzip >/dev/null 2>&1 && packing=gzip
  say no-node "$(uname -s)" "$(uname -m)" "$packing"
  take_node
fi
if [ -e "$kept/dist/cli/main.js" ]; then
  printf '%s\\n' "$node" >"$kept/.node.$$" && mv "$kept/.node.$$" "$kept/.node" || { say failed "cannot write to $kept"; exit 1; }
else
  say want-package
  "$node" -e ${quote(receiver)} "$home/versions" ${version} ${length} ${digest} ${markerOf(nonce)}
  [ -e "$kept/dist/cli/main.js" ] || exit 1
fi
start
`.trim();
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
