import { execFile } from "node:child_process";
import { parseAddress } from "./address.ts";
import { sshCommand } from "./ssh-command.ts";

const timeoutMs = 5000;

/** The host name or address that ssh connects to for a destination, as the user's ssh config says; its name where ssh does not tell. */
export function connectsTo(
  destination: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const address = parseAddress(destination);
  const { program, args } = sshCommand(address, "", env);
  // The words behind "--" are its host and a command.
  const words = args.slice(0, args.lastIndexOf("--"));
  return new Promise((resolve) => {
    execFile(program, [...words, "-G", "--", address.name], { env, timeout: timeoutMs }, (error, stdout) => {
      const told = error === null ? /^hostname (\S+)$/m.exec(stdout)?.[1] : undefined;
      resolve(told ?? address.name);
    });
  });
}
