import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";

/** What nginx works from, byte for byte. */
export interface NginxFiles {
  /** Path below /etc/nginx of a file that it loads -> its text. */
  readonly files: Readonly<Record<string, string>>;
  /** Path of a link that it follows for a request -> where it points. */
  readonly links: Readonly<Record<string, string>>;
}

/** `directory`: etc/nginx of the balancer. */
export function nginxFiles(directory: string): NginxFiles {
  const entries = entriesIn(directory).filter(({ path }) => !/^cutover\/[^/]+\/routings\//.test(path));
  const loaded = entries.filter(({ path, isLink }) => !isLink && /\.(conf|location)$/.test(path));
  const live = entries.filter(({ path, isLink }) => isLink && path.endsWith("/live"));
  const inForce = live.flatMap(({ path }) => {
    const tree = realpathSync(join(directory, path));
    return entriesIn(tree).map((entry) => ({ ...entry, path: join(relative(directory, tree), entry.path) }));
  });
  const links = [...live, ...inForce.filter(({ isLink }) => isLink)];
  return {
    files: Object.fromEntries(loaded.map(({ path }) => [path, readFileSync(join(directory, path), "utf8")])),
    links: Object.fromEntries(links.map(({ path }) => [path, readlinkSync(join(directory, path))])),
  };
}

interface Entry {
  readonly path: string;
  readonly isLink: boolean;
}

function entriesIn(directory: string): readonly Entry[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({
      path: relative(directory, join(entry.parentPath, entry.name)),
      isLink: entry.isSymbolicLink(),
    }))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** Lines of `after` that `before` has not. */
export function addedLines(before: string, after: string): readonly string[] {
  const known = new Set(before.split("\n"));
  return after.split("\n").filter((line) => !known.has(line));
}
