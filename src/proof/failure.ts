/**
 * refused: nobody accepted · reset: cut by RST or a broken pipe · closed: FIN before the first byte of an answer ·
 * truncated: cut inside the answer · timeout · 5xx · 4xx · wrong-answer: another status, body, version or not HTTP ·
 * unreachable: no address, no route · tls: the handshake failed.
 */
export type Failure =
  | "refused"
  | "reset"
  | "closed"
  | "truncated"
  | "timeout"
  | "5xx"
  | "4xx"
  | "wrong-answer"
  | "unreachable"
  | "tls";

/** The class of a socket error, given how much of an answer had arrived. */
export function classifyError(error: NodeJS.ErrnoException, connected: boolean, bytes: number): Failure {
  if (bytes > 0) return "truncated";
  if (error.code === "ECONNREFUSED") return "refused";
  if (error.code === "ECONNRESET" || error.code === "EPIPE" || error.code === "ECONNABORTED") return "reset";
  if (error.code === "ETIMEDOUT") return "timeout";
  if (/TLS|SSL|CERT/.test(error.code ?? "")) return "tls";
  return connected ? "reset" : "unreachable";
}
