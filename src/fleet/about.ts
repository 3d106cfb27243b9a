import { hostname, userInfo } from "node:os";
import type { About } from "./end.ts";

/** This machine and this program. */
export function aboutHere(version: string): About {
  const platform = `${process.platform}-${process.arch}`;
  return { hostname: hostname(), user: userInfo().username, node: process.version, platform, version };
}
