import { mkdir, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { Problem } from "../problem.ts";

/** Where a path named in the config lies inside `root`; its parents are made. Problem: PATH_OUTSIDE. */
export async function pathInside(root: string, path: string, key: string): Promise<string> {
  const clean = normalize(path).replace(/\/+$/, "");
  if (isAbsolute(clean) || clean === "." || clean === "" || clean.split(sep).includes("..")) {
    throw outside(path, key, "it must be a relative path below the release");
  }
  const at = join(root, clean);
  await mkdir(dirname(at), { recursive: true });
  // The source may hold links: nothing may be written through one that leads elsewhere.
  const [real, top] = await Promise.all([realpath(dirname(at)), realpath(root)]);
  if (real !== top && !real.startsWith(top + sep))
    throw outside(path, key, `it leads through a link to ${real}`);
  return at;
}

function outside(path: string, key: string, why: string): Problem {
  return new Problem({
    code: "PATH_OUTSIDE",
    what: `\`${key}: ${path}\` cannot be used: ${why}.`,
    fix: `Correct \`${key}\` in cutover.yml.`,
  });
}
