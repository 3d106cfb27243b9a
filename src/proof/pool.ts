import type { LookupFunction } from "node:net";
import { Connection } from "./connection.ts";

/** Closed by us this long before the server may do it, as its Keep-Alive header announced: after that the race is ours. */
const politeMs = 500;

/** Keeps `size` keep-alive connections in use, the longest idle one first; more when all of them are busy. */
export class Pool {
  private readonly url: URL;
  private readonly size: number;
  private readonly lookup: LookupFunction | undefined;
  private readonly alive = new Set<Connection>();
  private readonly idle: Connection[] = [];

  constructor(url: URL, size: number, lookup?: LookupFunction) {
    this.url = url;
    this.size = size;
    this.lookup = lookup;
  }

  take(): Connection {
    if (this.alive.size < this.size) return this.open();
    for (let connection = this.idle.shift(); connection !== undefined; connection = this.idle.shift()) {
      if (!connection.isUsable) continue;
      if (connection.expiresAt - politeMs > performance.now()) return connection;
      connection.end();
    }
    return this.open();
  }

  give(connection: Connection): void {
    if (connection.isUsable) this.idle.push(connection);
    else connection.awaitEnd();
  }

  close(): void {
    for (const connection of this.alive) connection.destroy();
  }

  private open(): Connection {
    const connection = new Connection(this.url, this.lookup);
    this.alive.add(connection);
    connection.socket.once("close", () => this.alive.delete(connection));
    return connection;
  }
}
