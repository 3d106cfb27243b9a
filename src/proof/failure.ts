/**
 * refused: nobody accepted · reset: cut by RST or a broken pipe · closed: FIN before the first byte of an answer ·
 * truncated: cut inside the answer · timeout · 5xx · 4xx · wrong-answer: another status or body, or not HTTP ·
 * wrong-version · dns: the name has no address · unreachable: no route · tls: the handshake failed ·
 * prober: its own machine had no file, port or memory left, which says nothing about the service.
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
  | "tls"
  | "prober";

/** Of the handshake itself, and of what OpenSSL holds against a certificate. */
const tlsCodes =
  /TLS|SSL|CERT|CRL|^UNABLE_TO_VERIFY|^HOSTNAME_MISMATCH|^INVALID_(CA|PURPOSE)|^PATH_LENGTH|^EPROTO$/;

const ownShortages = /^(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|ENOMEM)$/;

/** The class of a socket error, given how much of an answer had arrived. */
export function classifyError(error: NodeJS.ErrnoException, connected: boolean, bytes: number): Failure {
  const { code = "", syscall } = error;
  if (ownShortages.test(code)) return "prober";
  if (bytes > 0) return "truncated";
  if (code === "ECONNREFUSED") return "refused";
  if (/^(ECONNRESET|EPIPE|ECONNABORTED)$/.test(code)) return "reset";
  if (code === "ETIMEDOUT") return "timeout";
  if (syscall === "getaddrinfo" || code === "ENOTFOUND") return "dns";
  if (tlsCodes.test(code)) return "tls";
  return connected ? "reset" : "unreachable";
}

/** In one line for a person; OpenSSL tells the place in its source code as well. */
export function sayError(
  error: NodeJS.ErrnoException & { readonly reason?: string },
  failure: Failure,
): string {
  const { code = "", message, reason } = error;
  if (failure === "prober") return code;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code))
    return "the port does not speak TLS";
  if (failure === "tls" && reason !== undefined) return `the TLS handshake failed: ${reason}`;
  return message.trim().replaceAll(/\s+/g, " ");
}
