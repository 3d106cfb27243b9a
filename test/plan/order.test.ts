import { describe, expect, it } from "vitest";
import { orderServices } from "../../src/plan/order.ts";
import { makeService } from "../simulation/scenario.ts";

describe("the order of services", () => {
  it("puts each one behind those it starts after", () => {
    const services = [
      makeService("web", { after: ["catalog", "auth"] }),
      makeService("catalog", { after: ["auth"] }),
      makeService("auth"),
      makeService("docs"),
    ];
    const levels = orderServices(services).map((level) => level.map((service) => service.name));
    expect(levels).toEqual([["auth", "docs"], ["catalog"], ["web"]]);
  });
  it("refuses a circle, naming who waits for whom", () => {
    const services = [
      makeService("a", { after: ["b"] }),
      makeService("b", { after: ["a"] }),
      makeService("c"),
    ];
    expect(() => orderServices(services)).toThrow("The services a, b wait for each other.");
  });
  it("refuses a name it does not know", () => {
    expect(() => orderServices([makeService("a", { after: ["cattalog"] })])).toThrow(
      "cattalog, which is not a service",
    );
  });
});
