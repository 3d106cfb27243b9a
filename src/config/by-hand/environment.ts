type Variables = Readonly<Record<string, string | undefined>>;

/** Variables that describe the calling shell or session, not the program. */
const noise = new Set([
  ..."_ SHLVL OLDPWD PWD PS1 PS2 PROMPT_COMMAND COLUMNS LINES TERM_PROGRAM TERM_PROGRAM_VERSION TMUX TMUX_PANE".split(
    " ",
  ),
  ..."STY WINDOW WINDOWID LS_COLORS LESSOPEN LESSCLOSE MAIL HISTFILE INIT_CWD SUDO_COMMAND".split(" "),
  ..."XDG_SESSION_ID XDG_SESSION_TYPE XDG_SESSION_CLASS DBUS_SESSION_BUS_ADDRESS".split(" "),
  ..."LISTEN_FDS LISTEN_PID LISTEN_FDNAMES NOTIFY_SOCKET INVOCATION_ID JOURNAL_STREAM MAINPID".split(" "),
  ..."NODE_CHANNEL_FD NODE_UNIQUE_ID NODE_CHANNEL_SERIALIZATION_MODE".split(" "),
]);

/** What a program started by hand gets from the calling shell: everything but the shell's own. */
export function environmentOf(variables: Variables): Record<string, string> {
  const throughNpm =
    variables["npm_execpath"] !== undefined || variables["npm_lifecycle_event"] !== undefined;
  const kept = Object.entries(variables).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isNoise(entry[0], throughNpm),
  );
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isNoise(name: string, throughNpm: boolean): boolean {
  if (noise.has(name) || name.startsWith("SSH_") || name.startsWith("BASH_FUNC_")) return true;
  if (name.startsWith("CUTOVER_")) return name !== "CUTOVER_HOME";
  return throughNpm && (name.startsWith("npm_") || name === "NODE");
}
