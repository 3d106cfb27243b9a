import type { Server } from "node:net";
import { isProblem } from "../../problem.ts";
import { readArguments, type RelayArguments } from "./arguments.ts";
import { createHttpRelay } from "./http.ts";
import { choosePrivatePort } from "./private-port.ts";
import { insertPort, insertPortInLine, programEnv } from "./program-env.ts";
import { startProgram } from "./program.ts";
import { speaksHttp } from "./speaks-http.ts";
import { createTcpRelay } from "./tcp.ts";
import { awaitUpstream } from "./upstream.ts";

/** Signals that mean something to servers; SIGUSR1 would be taken from Node's own debugger. */
const passed = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR2"] as const;
/** The program's last answers may still be on their way to the clients. */
const lingerMs = 1000;

function tell(line: string): void {
  process.stderr.write(`cutover: ${line}\n`);
}

function withPort({ command, line, port }: RelayArguments, hidden: number): RelayArguments["command"] {
  const ports = { open: port, hidden };
  const [name, ...words] = command;
  return line === undefined
    ? [name, ...insertPort(words, ports)]
    : ["/bin/sh", "-c", insertPortInLine(line, ports)];
}

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2), process.env);
  const port = choosePrivatePort();
  const [name, ...words] = withPort(given, port);
  let failure = 0;
  const program = await startProgram(
    { command: [name, ...words], env: programEnv(process.env, port) },
    (why, status) => {
      tell(why);
      failure = status;
    },
  );
  if (program === null) return failure;
  for (const signal of passed) process.on(signal, () => program.pass(signal));
  let isOver = false;
  const server = serve().catch((error: unknown) => {
    tell(error instanceof Error ? error.message : String(error));
    program.pass("SIGTERM");
    return null;
  });
  const status = await program.ended;
  isOver = true;
  await close(await server);
  return status;

  // Nobody is accepted before the program accepts.
  async function serve(): Promise<Server | null> {
    const upstream = await awaitUpstream({ pid: program?.pid ?? 0, port }, tell, () => isOver);
    if (upstream === null) return null;
    const isHttp = !given.tcp || (await speaksHttp(upstream));
    const relay = isHttp ? createHttpRelay(upstream) : createTcpRelay(upstream);
    await new Promise<void>((resolve, reject) => {
      relay.once("error", reject);
      relay.listen(given.port, given.host, () => resolve());
    });
    return relay;
  }
}

async function close(server: Server | null): Promise<void> {
  if (server === null) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, lingerMs).unref();
    server.close(() => resolve());
  });
}

try {
  process.exit(await main());
} catch (error) {
  const text = isProblem(error) ? error.detail.what : String(error instanceof Error ? error.stack : error);
  tell(text);
  process.exit(isProblem(error) ? 2 : 1);
}
