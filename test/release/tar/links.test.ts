import * as fc from "fast-check";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { staysInside } from "../../../src/release/tar/links.ts";

test("without links on the way the text of the path decides", () => {
  const part = fc.constantFrom("..", "a", "b", ".");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const target = parts.join("/");
      let depth = 1;
      let isInside = true;
      for (const name of parts) {
        depth += name === ".." ? -1 : name === "." ? 0 : 1;
        if (depth < 0) isInside = false;
      }
      expect(staysInside(new Map([["top/link", target]]), "top/link")).toBe(isInside);
      if (isInside) expect(posix.normalize(posix.join("top", target)).startsWith("..")).toBe(false);
    }),
  );
});

test("a link to the top of the tree is inside", () => {
  expect(staysInside(new Map([["a/b", ".."]]), "a/b")).toBe(true);
});

test("a link that climbs from where another link leads is outside", () => {
  const links = new Map([
    ["a/b/up", "../.."],
    ["out", "a/b/up/../x"],
  ]);
  expect(staysInside(links, "a/b/up")).toBe(true);
  expect(staysInside(links, "out")).toBe(false);
});
