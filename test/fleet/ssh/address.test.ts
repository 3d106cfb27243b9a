import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/fleet/ssh/address.ts";
import { sshCommand } from "../../../src/fleet/ssh/ssh-command.ts";

describe("an address of a server", () => {
  it.each([
    ["10.0.0.5", { name: "10.0.0.5" }],
    ["deploy@web-1.example.com", { name: "web-1.example.com", user: "deploy" }],
    ["deploy@web:2222", { name: "web", user: "deploy", port: 2222 }],
    ["me@[2001:db8::5]:22", { name: "2001:db8::5", user: "me", port: 22 }],
  ])("%s", (text, address) => {
    expect(parseAddress(text)).toEqual({ user: undefined, port: undefined, ...address });
  });

  it.each([
    "",
    "-oProxyCommand=x",
    "-x@host",
    "host:0",
    "host:99999",
    "host:ssh",
    "a b",
    "@host",
    "2001:db8::5",
  ])("%j is refused", (text) => {
    expect(() => parseAddress(text)).toThrowError(
      expect.objectContaining({ detail: expect.objectContaining({ code: "SERVER_ADDRESS" }) }),
    );
  });

  it("reaches ssh with the user's own options first, and asks nobody", () => {
    const { program, args } = sshCommand(parseAddress("me@web:2222"), "true", {
      CUTOVER_SSH: "/opt/ssh -F /tmp/config",
    });
    expect(program).toBe("/opt/ssh");
    expect(args.slice(0, 2)).toEqual(["-F", "/tmp/config"]);
    expect(args).toEqual(expect.arrayContaining(["BatchMode=yes", "StrictHostKeyChecking=yes"]));
    expect(args.slice(-7)).toEqual(["me", "-p", "2222", "-T", "--", "web", "true"]);
  });
});
