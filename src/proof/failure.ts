/**
 * refused: nobody accepted · reset: cut by RST or a broken pipe · closed: FIN before the first byte of an answer ·
 * truncated: cut inside the answer · timeout · 5xx · 4xx · wrong-answer: another status or body, or not HTTP ·
 * wrong-version · dns: the name has no address · unreachable: no route · tls: the handshake failed.
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
  | "wrong-version"
  | "dns"
  | "unreachable"
  | "tls";

/** Of the handshake itself, and of what OpenSSL holds against a certificate. */
const tlsCodes =
  /TLS|SSL|CERT|CRL|^UNABLE_TO_VERIFY|^HOSTNAME_MISMATCH|^INVALID_(CA|PURPOSE)|^PATH_LENGTH|^EPROTO$/;

/** The class of a socket error, given how much of an answer had arrived. */
export function classifyError(error: NodeJS.ErrnoException, connected: boolean, bytes: number): Failure {
  if (bytes > 0) return "truncated";
  if (error.code === "ECONNREFUSED") return "refused";
  if (error.code === "ECONNRESET" || error.code === "EPIPE" || error.code === "ECONNABORTED") return "reset";
  if (error.code === "ETIMEDOUT") return "timeout";
  if (error.syscall === "getaddrinfo" || error.code === "ENOTFOUND") return "dns";
  if (tlsCodes.test(error.code ?? "")) return "tls";
  return connected ? "reset" : "unreachable";
}
