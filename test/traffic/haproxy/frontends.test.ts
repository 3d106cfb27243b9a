import { describe, expect, test } from "vitest";
import { hastyFrontends } from "../../../src/traffic/haproxy/frontends.ts";

const polite = "  option idle-close-on-response";

function config(...sections: readonly (readonly string[])[]): string {
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

describe("frontends whose idle connections a reload closes at once", () => {
  test("are those that do not say otherwise themselves", () => {
    const text = config(
      ["global", "  maxconn 10"],
      ["defaults", "  mode http"],
      ["frontend a", "  bind :80"],
      ["frontend b", "  bind :81", polite],
      ["backend c", "  server s 127.0.0.1:1"],
      ["listen d", "  bind :82"],
    );
    expect(hastyFrontends(text)).toEqual(["a", "d"]);
  });

  test("follow the defaults before them, as long as no others come", () => {
    const text = config(
      ["defaults", polite],
      ["frontend a", "  bind :80"],
      ["defaults", "  mode http"],
      ["frontend b", "  bind :81"],
    );
    expect(hastyFrontends(text)).toEqual(["b"]);
  });
});
