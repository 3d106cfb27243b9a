import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isProblem } from "../../src/problem.ts";
import { applyStartup, removeStartup, startupPlan } from "../../src/process/startup.ts";
import type { SupervisorStart } from "../../src/process/startup.ts";

const start: SupervisorStart = {
  userName: "deploy",
  home: "/home/deploy/.cutover",
  nodePath: "/usr/bin/node",
  mainPath: "/home/deploy/.cutover/versions/1.0.0/dist/process/supervisor/main.js",
  path: "/usr/local/bin:/usr/bin:/bin",
};
const host = { isSystemd: true, isRoot: true, userHome: "/home/deploy" };

let bin: string;
let path: string | undefined;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "startup-"));
  path = process.env["PATH"];
  process.env["PATH"] = bin;
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(bin, { recursive: true, force: true });
});

function program(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** A crontab that keeps its table in a file. */
function fakeCrontab(table?: string): string {
  const file = join(bin, "table");
  if (table !== undefined) writeFileSync(file, table);
  program(
    "crontab",
    `case $1 in
      -l) if [ -e '${file}' ]; then while IFS= read -r l; do printf '%s\\n' "$l"; done <'${file}'; else echo 'no crontab for x' >&2; exit 1; fi;;
      -) while IFS= read -r l; do printf '%s\\n' "$l"; done >'${file}';;
      -r) : >'${file}.gone'; /bin/rm '${file}';;
    esac`,
  );
  return file;
}

function codeOf(act: () => void): string {
  try {
    act();
    return "";
  } catch (error) {
    return isProblem(error) ? error.detail.code : String(error);
  }
}

describe("with systemd", () => {
  test("root gets a unit of the system, under which instances outlive the supervisor", () => {
    const plan = startupPlan(start, host);
    expect(plan).toMatchObject({
      kind: "systemd",
      scope: "system",
      file: "/etc/systemd/system/cutover.service",
    });
    const lines = plan.kind === "systemd" ? plan.unit.split("\n") : [];
    for (const line of [
      "Type=simple",
      "KillMode=process",
      "OOMPolicy=continue",
      "Restart=on-failure",
      "WantedBy=multi-user.target",
      "Environment=CUTOVER_HOME=/home/deploy/.cutover PATH=/usr/local/bin:/usr/bin:/bin",
      `ExecStart=/usr/bin/node ${start.mainPath}`,
    ]) {
      expect(lines).toContain(line);
    }
  });

  test("anybody else gets a unit of his own that starts without a login", () => {
    const plan = startupPlan(start, { ...host, isRoot: false });
    expect(plan).toMatchObject({
      file: "/home/deploy/.config/systemd/user/cutover.service",
      commands: [
        ["loginctl", "enable-linger", "deploy"],
        ["systemctl", "--user", "daemon-reload"],
        expect.anything(),
      ],
    });
    if (plan.kind === "systemd") expect(plan.unit).toContain("WantedBy=default.target");
    if (plan.kind === "systemd") expect(plan.unit).not.toContain("network-online");
  });

  test("spaces, percent and dollar signs in paths stay themselves", () => {
    const plan = startupPlan({ ...start, home: '/ho me/50%/$x"', nodePath: "/opt/no $de/node" }, host);
    const unit = plan.kind === "systemd" ? plan.unit : "";
    expect(unit).toContain('"CUTOVER_HOME=/ho me/50%%/$x\\""');
    expect(unit).toContain('ExecStart="/opt/no $$de/node" /home');
    expect(unit).toContain('append:/ho me/50%%/$x"/supervisor.log');
  });

  test("applying writes the unit and enables it, removing takes both back", () => {
    const log = join(bin, "log");
    for (const name of ["systemctl", "loginctl"]) program(name, `echo ${name} "$@" >>'${log}'`);
    const plan = startupPlan(start, { ...host, isRoot: false, userHome: join(bin, "home") });
    applyStartup(plan);
    applyStartup(plan);
    const file = join(bin, "home/.config/systemd/user/cutover.service");
    expect(readFileSync(file, "utf8")).toContain("ExecStart=");
    writeFileSync(log, "");
    removeStartup(plan);
    removeStartup(plan);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(log, "utf8")).toBe(
      "systemctl --user disable cutover.service\nsystemctl --user daemon-reload\n",
    );
  });

  test("a refusal is told with the command and its words", () => {
    program("loginctl", "echo 'Access denied' >&2; exit 1");
    const plan = startupPlan(start, { ...host, isRoot: false, userHome: bin });
    let error: unknown = null;
    try {
      applyStartup(plan);
    } catch (reason) {
      error = reason;
    }
    expect(isProblem(error) && error.detail).toMatchObject({
      code: "STARTUP_FAILED",
      what: "`loginctl enable-linger deploy` failed.",
      why: "Access denied",
    });
  });
});

describe("with cron", () => {
  const plan = startupPlan(start, { ...host, isSystemd: false });

  test("one line is added, once, and other lines stay", () => {
    const file = fakeCrontab("MAILTO=x\n0 4 * * * backup\n");
    applyStartup(plan);
    applyStartup(plan);
    const line = plan.kind === "cron" ? plan.line : "";
    expect(readFileSync(file, "utf8")).toBe(`MAILTO=x\n0 4 * * * backup\n${line}\n`);
    expect(line).toMatch(/^@reboot CUTOVER_HOME=\/home\/deploy\/.cutover PATH=\S+ \/usr\/bin\/node /);
    removeStartup(plan);
    expect(readFileSync(file, "utf8")).toBe("MAILTO=x\n0 4 * * * backup\n");
  });

  test("a first table is created, an empty one removed", () => {
    const file = fakeCrontab();
    applyStartup(plan);
    expect(readFileSync(file, "utf8")).toContain("@reboot");
    removeStartup(plan);
    expect(existsSync(file)).toBe(false);
    removeStartup(plan);
  });

  test("a table that cannot be read is not overwritten", () => {
    const file = fakeCrontab("0 4 * * * backup\n");
    program("crontab", `case $1 in -l) echo 'permission denied' >&2; exit 1;; *) : >'${file}';; esac`);
    expect(codeOf(() => applyStartup(plan))).toBe("STARTUP_FAILED");
    expect(readFileSync(file, "utf8")).toBe("0 4 * * * backup\n");
  });

  test("without cron the problem has the command to run at boot", () => {
    expect(codeOf(() => applyStartup(plan))).toBe("STARTUP_UNSUPPORTED");
  });

  test("the line runs the supervisor with its environment, whatever is in the paths", () => {
    program("no de", `printf '%s|' "$CUTOVER_HOME" "$PATH" "$@" >'${bin}/said'`);
    const odd = { ...start, home: `${bin}/50% it's`, nodePath: join(bin, "no de"), mainPath: "/a b/main.js" };
    const planned = startupPlan(odd, { ...host, isSystemd: false });
    const line = planned.kind === "cron" ? planned.line : "";
    rmSync(odd.home, { recursive: true, force: true });
    spawnSync("/bin/mkdir", [odd.home]);
    // As cron does: the text behind the schedule, "\\%" for "%", to /bin/sh.
    spawnSync("/bin/sh", ["-c", line.replace("@reboot ", "").replaceAll("\\%", "%")], { env: {} });
    expect(readFileSync(`${bin}/said`, "utf8")).toBe(`${odd.home}|${odd.path}|/a b/main.js|`);
  });
});
