import { posix } from "node:path";

const mostHops = 40;

/**
 * Whether following the link at `path` stays inside the tree, every link on the way taken into account.
 * A comparison of the text alone is not enough: `a/b/c -> ../..` and then `d -> a/b/c/../x` leaves the tree.
 */
export function staysInside(links: ReadonlyMap<string, string>, path: string): boolean {
  const pending = path.split("/").reverse();
  const at: string[] = [];
  let hops = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.pop() === undefined) return false;
      continue;
    }
    at.push(part);
    const target = links.get(at.join("/"));
    if (target === undefined) continue;
    if (posix.isAbsolute(target) || ++hops > mostHops) return false;
    at.pop();
    pending.push(...target.split("/").reverse());
  }
  return true;
}
