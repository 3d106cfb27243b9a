import { describe, expect, test } from "vitest";
import { parseCaddyfile, quote } from "../../../src/traffic/caddy/caddyfile.ts";

const text = `{
	admin localhost:2019 # {
}

(common) {
	encode gzip
}

shop.example.com,
www.example.com {
	import common
	handle_path "/a { b" {
		respond \`}\`
	}
	reverse_proxy 10.0.0.5:3000 {
		header_up X-{a} {host}
	}
}
`;

describe("a Caddyfile", () => {
  test("is its sites with their addresses, and what stands in their braces", () => {
    const [options, snippet, site, ...more] = parseCaddyfile(text);
    expect(more).toEqual([]);
    expect(options?.words).toEqual([]);
    expect(snippet?.words).toEqual(["(common)"]);
    expect(site?.words).toEqual(["shop.example.com,", "www.example.com"]);
    expect(site?.block?.directives.map(({ words }) => words)).toEqual([
      ["import", "common"],
      ["handle_path", "/a { b"],
      ["reverse_proxy", "10.0.0.5:3000"],
    ]);
  });

  test("tells where a directive stands, with its block", () => {
    const site = parseCaddyfile(text).at(-1);
    const proxy = site?.block?.directives.at(-1);
    expect(text.slice(proxy?.start, proxy?.end)).toBe(
      "reverse_proxy 10.0.0.5:3000 {\n\t\theader_up X-{a} {host}\n\t}",
    );
  });
});

describe("a text as one word", () => {
  test.each([
    ["a b", "`a b`"],
    ["it`s", '"it`s"'],
    ['`"', '"`\\""'],
    ["{$HOME}", "`\\x7b$HOME}`"],
    ["x{path}", "`x\\x7bpath}`"],
    ["a{2,3}\\{", "`a{2,3}\\{`"],
    ["\\p{Greek}", "`\\p{Greek}`"],
  ])("%s", (plain, word) => {
    expect(quote(plain)).toBe(word);
  });
});
