export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
}

/** A script for each shell; sourced by it, so only words and quoted text of ours are in it. */
export const completionScripts: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

function bashScript(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, flags }) => `    ${name}) words="${flags.join(" ")}" ;;`);
  return [
    "# source <(cutover completion bash)",
    "_cutover() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))`,
    "    return",
    "  fi",
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac",
    '  if [[ "$current" == -* ]]; then',
    '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "  else",
    '    COMPREPLY=($(compgen -f -- "$current"))',
    "  fi",
    "}",
    "complete -F _cutover cutover",
  ].join("\n");
}

function zshScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(" ")} ;;`);
  return [
    "#compdef cutover",
    "_cutover() {",
    "  local -a commands",
    "  commands=(",
    ...names,
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe command commands",
    "    return",
    "  fi",
    '  case "$words[2]" in',
    ...cases,
    "  esac",
    "  _files",
    "}",
    "compdef _cutover cutover",
  ].join("\n");
}

function fishScript(commands: readonly CommandWords[]): string {
  return commands
    .flatMap(({ name, summary, flags }) => [
      `complete -c cutover -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
      ...flags.map(
        (flag) =>
          `complete -c cutover -n "__fish_seen_subcommand_from ${name}" -l ${flag.replace(/^--/, "")}`,
      ),
    ])
    .join("\n");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
