/**
 * Words between the supervisor and the preload inside an instance. Newline-delimited JSON, one object per line, over the
 * unix socket `<CUTOVER_RUN>/<pid>.ctl` that the preload opens in each process that claims a declared port (several
 * processes of one instance may do so: an app that uses node:cluster). The private probe is plain HTTP (or TLS, as the app
 * speaks it) over `<CUTOVER_RUN>/<pid>.probe`. Both are unlinked by the process at exit, else by the supervisor.
 *
 * Environment of an instance:
 *   CUTOVER_RUN        directory of this instance (0700): control sockets, files below
 *   CUTOVER_LISTEN     JSON {"3000": [3, 4, 5]}: port -> descriptors that all are the same listening socket (the spares allow a
 *                      gate that was parked to open again: closing a handle closes its descriptor)
 *   CUTOVER_GATE       "closed" (default) | "open": state of the gate when the program first listens. The file `gate` in
 *                      CUTOVER_RUN ("open" | "closed"), if the supervisor writes one, wins: it reaches processes born later
 *   CUTOVER_BACKLOG    backlog to pass to listen(2), 4096
 *   CUTOVER_LEARN      "1": a listen on a port nobody declared writes `wants` and exits
 *   CUTOVER_SHUTDOWN_MESSAGE  "1": the program hears the message "shutdown" when it is drained, or at the drain deadline
 *   PORT               the probe goes to this port if it is claimed, else to the lowest
 *   LISTEN_FDS LISTEN_PID LISTEN_FDNAMES   the systemd convention, for programs that know it
 *   NODE_OPTIONS       the user's, plus --require <preload.cjs>
 * Files the preload may write into CUTOVER_RUN: `wants` (JSON {"port": n, "host": string | null}: the undeclared port; the
 * process exits with wantsPortExit, which a launcher may replace by its own code, and is started again with that port),
 * `ready` (process.send("ready"); holds the pid).
 */

export const wantsPortExit = 86;

export type ControlRequest =
  | { readonly do: "status" }
  /** Start accepting on every claimed port. */
  | { readonly do: "open" }
  /** Stop accepting, announce Connection: close, stay alive and answering probes. */
  | { readonly do: "park" }
  /**
   * As park; idle keep-alive connections end after their advertised time, WebSockets get 1001, the streams of a browser's
   * EventSource end at once, for it connects again. Other streams are answers: they run until they are done, or until the
   * instance is killed, visibly broken and never ended as if complete. A second before the deadline, what waits only for
   * its client (idle connections, WebSockets that did not answer, raw TCP) is closed in order.
   */
  | { readonly do: "drain"; readonly deadlineMs: number }
  /** Run `run` with the sockets of `ports` as descriptors 3, 4, ...: whoever held them was killed. */
  | { readonly do: "lend"; readonly ports: readonly number[]; readonly run: readonly string[] };

export type ControlReply = ControlStatus | { readonly error: string };

export interface ControlStatus {
  readonly pid: number;
  readonly gate: "closed" | "open" | "parked" | "draining";
  /** False when the gate cannot be opened (again): every descriptor of a port is used up. */
  readonly canOpen: boolean;
  /** Ports this process listens on through an inherited socket. */
  readonly ports: readonly number[];
  /** Address the program asked for, by port; null: all. The inherited socket may be bound wider. */
  readonly hosts: Readonly<Record<number, string | null>>;
  readonly tls: boolean;
  /** False for a net.Server that does not speak HTTP. */
  readonly http: boolean;
  /** Requests begun and not answered, upgraded connections and open streams included. */
  readonly inFlight: number;
  readonly connections: number;
  /** draining and nothing left: the process may be told to exit. */
  readonly drained: boolean;
}
