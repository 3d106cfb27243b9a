import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The user that releases belong to on the hosts. */
const deployUser = "deploy";
const deployId = 4711;

/** Key of the operator, host keys, and where each is written. */
export interface Keys {
  readonly operatorPublic: string;
  /** Lines of known_hosts. */
  readonly known: string[];
}

function makeKey(file: string): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bed", "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim();
}

/** The operator's own ~/.ssh, used because its passwd names `home` as root's home. */
export function equipOperator(directory: string, hosts: string): Keys {
  const home = join(directory, "home");
  const ssh = join(home, ".ssh");
  mkdirSync(ssh, { recursive: true });
  chmodSync(ssh, 0o700);
  const passwd = readFileSync("/etc/passwd", "utf8").replace(
    /^root:.*$/m,
    `root:x:0:0:root:${home}:/bin/bash`,
  );
  writeFileSync(join(directory, "etc/passwd"), passwd);
  writeFileSync(join(directory, "etc/hosts"), hosts);
  return { operatorPublic: makeKey(join(ssh, "id_ed25519")), known: [] };
}

/** The accounts, the ssh daemon and the homes of a server. */
export function equipServer(
  directory: string,
  options: { readonly name: string; readonly address: string; readonly keys: Keys; readonly hosts: string },
): void {
  const { name, address, keys, hosts } = options;
  const line = `${deployUser}:x:${deployId}:${deployId}::/home/${deployUser}:/bin/bash\n`;
  writeFileSync(join(directory, "etc/passwd"), readFileSync("/etc/passwd", "utf8") + line);
  writeFileSync(
    join(directory, "etc/group"),
    `${readFileSync("/etc/group", "utf8")}${deployUser}:x:${deployId}:\n`,
  );
  writeFileSync(join(directory, "etc/shadow"), `root:*:19000::::::\n${deployUser}:*:19000::::::\n`);
  writeFileSync(join(directory, "etc/hosts"), hosts);
  chmodSync(join(directory, "tmp"), 0o1777);
  for (const [home, id] of [
    ["root", 0],
    [`home/${deployUser}`, deployId],
  ] as const) {
    const ssh = join(directory, home, ".ssh");
    mkdirSync(ssh, { recursive: true, mode: 0o700 });
    writeFileSync(join(ssh, "authorized_keys"), `${keys.operatorPublic}\n`, { mode: 0o600 });
    for (const path of [join(directory, home), ssh, join(ssh, "authorized_keys")]) chownSync(path, id, id);
  }
  chownSync(join(directory, "srv"), deployId, deployId);
  const sshd = join(directory, "run/sshd");
  mkdirSync(sshd, { mode: 0o755 });
  const key = makeKey(join(sshd, "key"));
  keys.known.push(`${name},${address} ${key}`);
  writeFileSync(join(sshd, "config"), sshdConfig(address));
}

/** The default exchange of keys takes ten times the work of this one, at every connection and at both ends. */
export const quickKeys = "KexAlgorithms curve25519-sha256";

function sshdConfig(address: string): string {
  return `ListenAddress ${address}
${quickKeys}
HostKey /run/sshd/key
PidFile /run/sshd/pid
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
LogLevel VERBOSE
`;
}
