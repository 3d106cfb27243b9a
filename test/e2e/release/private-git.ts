import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { dirname, basename } from "node:path";

/** A repository behind a password over HTTP, and every command line of this machine that a secret was seen in meanwhile. */
export interface PrivateGit {
  readonly port: number;
  readonly leaks: readonly string[];
  close(): Promise<void>;
}

interface Login {
  readonly user: string;
  readonly password: string;
}

export async function servePrivately(repository: string, { user, password }: Login): Promise<PrivateGit> {
  const leaks: string[] = [];
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  // Some take a token for the name, without a password.
  const secret = password === "" ? user : password;
  const secrets = [secret, encodeURIComponent(secret), wanted.slice("Basic ".length)];
  const server = http.createServer((request, response) => {
    // Whoever asks runs while it waits for the answer.
    for (const words of commandLines())
      if (secrets.some((secret) => words.includes(secret))) leaks.push(words);
    if (request.headers.authorization !== wanted)
      return void response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    const { pathname, search } = new URL(request.url ?? "", "http://127.0.0.1");
    const backend = spawn("git", ["-c", "safe.directory=*", "http-backend"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: dirname(repository),
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: pathname.replace("/shop.git", `/${basename(repository)}/.git`),
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_USER: user,
      },
    });
    request.pipe(backend.stdin);
    const pieces: Buffer[] = [];
    backend.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    backend.on("close", () => answer(response, Buffer.concat(pieces)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    leaks,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** From the answer of a CGI program. */
function answer(response: http.ServerResponse, bytes: Buffer): void {
  const end = bytes.indexOf("\r\n\r\n");
  for (const line of bytes.toString("latin1", 0, end).split("\r\n")) {
    const cut = line.indexOf(":");
    const [name, value] = [line.slice(0, cut), line.slice(cut + 1).trim()];
    if (name === "Status") response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(bytes.subarray(end + 4));
}

function commandLines(): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {
      return [];
    }
  });
}
