export interface SupervisorStart {
  readonly userName: string;
  /** $CUTOVER_HOME. */
  readonly home: string;
  readonly nodePath: string;
  /** supervisor/main.js of the installed version. */
  readonly mainPath: string;
  /** PATH of the instances that are revived at boot. */
  readonly path: string;
}

export type Scope = "system" | "user";

/** A systemd unit that runs the supervisor at boot and after a crash; its instances never end with it. */
export function systemdUnit(start: SupervisorStart, scope: Scope): string {
  const environment = { CUTOVER_HOME: start.home, PATH: start.path };
  const assignments = Object.entries(environment).map(([name, value]) => word(`${name}=${value}`));
  // Unlike an environment, a command line is searched for variables.
  const command = [start.nodePath, start.mainPath].map((path) => word(path).replaceAll("$", "$$$$"));
  const network = ["After=network-online.target", "Wants=network-online.target"];
  return [
    "[Unit]",
    `Description=cutover supervisor (${specifiers(start.userName)})`,
    // A user's systemd does not know the system's targets.
    ...(scope === "system" ? network : []),
    // A supervisor that cannot start is tried for ever: it holds nothing while it is down.
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=simple",
    `Environment=${assignments.join(" ")}`,
    `ExecStart=${command.join(" ")}`,
    `StandardOutput=append:${specifiers(start.home)}/supervisor.log`,
    "StandardError=inherit",
    // The ports and instances stay when the unit is stopped; the next supervisor finds them.
    "KillMode=process",
    "Restart=on-failure",
    "RestartSec=1",
    "Delegate=yes",
    // One instance out of memory must not end the others.
    "OOMPolicy=continue",
    "TasksMax=infinity",
    "",
    "[Install]",
    `WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
}

/** One word of a unit's list. */
function word(text: string): string {
  const escaped = specifiers(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? escaped : `"${escaped}"`;
}

function specifiers(text: string): string {
  return text.replaceAll("%", "%%");
}
