import { expect, test } from "vitest";
import { addressesOf } from "../../src/fleet/server-addresses.ts";

const asks = [{ service: "web", path: "/", expect: 200 }] as const;
const comparison = { canary: ["a"], control: ["b"], asks, ratePerSecond: 20, forMs: 1000 };
const spec = { engine: "haproxy", backends: { web: "be" }, addresses: {}, options: {} };
const services = { web: { port: 3000 } };

test("a server is asked where it resolves to, or where the balancer's configuration puts it with its port", () => {
  const servers = { a: ["a", "10.0.0.5"], b: ["b", "fd00::5", "[fd00::5]:4000"] };
  const { web } = addressesOf({ spec, servers, services }, comparison);
  expect([web?.["a"]?.href, web?.["b"]?.href]).toEqual(["http://10.0.0.5:3000/", "http://[fd00::5]:4000/"]);
});

test("one that nobody resolves is asked where the balancer reaches it; else the way out is told", () => {
  const settings = { spec, servers: { a: ["a", "10.0.0.5"], b: ["b"] }, services };
  const told = { service: "web", server: "b", isUp: true, sessions: 0, address: "10.0.0.6:3001" };
  const { web } = addressesOf(settings, comparison, [
    { ...told, service: "other", address: "10.0.0.9:1" },
    told,
  ]);
  expect(web?.["b"]?.href).toBe("http://10.0.0.6:3001/");
  expect(() => addressesOf(settings, comparison)).toThrow("does not know the address of b");
});
