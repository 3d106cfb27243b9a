import net from "node:net";
import { userInfo } from "node:os";
import { Problem, exits } from "../../problem.ts";

const timeoutMs = 10_000;

/** Says one line (commands joined by ";", or one with its payload) on haproxy's admin socket; answers what it printed. */
export function say(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = net.connect({ path: socket });
    let said = "";
    connection.setEncoding("utf8");
    connection.setTimeout(timeoutMs, () =>
      connection.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)),
    );
    connection.once("connect", () => connection.write(`${command}\n`));
    connection.on("data", (text: string) => (said += text));
    connection.once("error", (error) => reject(unreachable(socket, error)));
    connection.once("close", () => {
      if (/^Permission denied/m.test(said)) reject(tooLow(socket));
      else resolve(said.trim());
    });
  });
}

function unreachable(socket: string, error: NodeJS.ErrnoException): Problem {
  const user = userInfo().username;
  const fixes: Readonly<Record<string, string>> = {
    ENOENT: `Add to the global section of haproxy.cfg: stats socket ${socket} mode 660 level admin, or set traffic: options: socket.`,
    ECONNREFUSED: "Start haproxy: sudo systemctl start haproxy",
    EACCES: `Let ${user} use it: sudo usermod -aG haproxy ${user}, with "stats socket ${socket} mode 660 group haproxy level admin" in haproxy.cfg.`,
  };
  return new Problem(
    {
      code: "TRAFFIC_UNREACHABLE",
      what: `haproxy does not answer on its admin socket ${socket}.`,
      why: error.message,
      fix: fixes[error.code ?? ""] ?? `Try it by hand: echo "show info" | socat - ${socket}`,
      state: "Nothing was changed by this step.",
      exit: exits.refused,
    },
    { cause: error },
  );
}

function tooLow(socket: string): Problem {
  return new Problem({
    code: "TRAFFIC_UNREACHABLE",
    what: `haproxy's socket ${socket} does not allow changes.`,
    fix: `Give it the level admin in haproxy.cfg: stats socket ${socket} mode 660 level admin`,
    state: "Nothing was changed by this step.",
    exit: exits.refused,
  });
}
