import type { Address } from "./address.ts";

const options = {
  // Nobody is there to answer a question.
  BatchMode: "yes",
  StrictHostKeyChecking: "yes",
  ConnectTimeout: "10",
  ServerAliveInterval: "3",
  ServerAliveCountMax: "4",
  // One connection of our own, with one channel and no forwarding, whatever the user's config shares or forwards.
  ControlMaster: "no",
  ControlPath: "none",
  ClearAllForwardings: "yes",
  PermitLocalCommand: "no",
  RemoteCommand: "none",
  RequestTTY: "no",
  LogLevel: "INFO",
} as const;

/** The program and arguments that run `remote` on a server: the user's ssh, or what CUTOVER_SSH says ("ssh -F file"). */
export function sshCommand(
  { name, user, port }: Address,
  remote: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly program: string; readonly args: readonly string[] } {
  const [program = "ssh", ...more] = (env["CUTOVER_SSH"] ?? "").split(/\s+/).filter((word) => word !== "");
  const args = [
    ...more,
    ...Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    "-T",
    "--",
    name,
    remote,
  ];
  return { program, args };
}
