import { describe, expect, test } from "vitest";
import { requestHeaders, responseHeaders, upgradeHeaders } from "../../../src/process/relay/headers.ts";

const client = { address: "::ffff:192.0.2.7", isSecure: false };

function lines(raw: readonly string[]): string[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${raw[index + 1] ?? ""}`] : []));
}

describe("requestHeaders", () => {
  test("say who asked, through which host, by which protocol", () => {
    expect(lines(requestHeaders(["Host", "a.example"], client))).toEqual([
      "Host: a.example",
      "X-Forwarded-For: 192.0.2.7",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Host: a.example",
    ]);
  });

  test("what a proxy in front said is kept, the chain grows", () => {
    const raw = ["Host", "inner", "X-Forwarded-For", "1.1.1.1, 2.2.2.2", "x-forwarded-proto", "https"];
    expect(lines(requestHeaders([...raw, "X-Forwarded-Host", "outer"], client))).toEqual([
      "Host: inner",
      "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 192.0.2.7",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: outer",
    ]);
  });

  test("a request without Host and without an address (the private probe) gets what HTTP/1.1 needs", () => {
    expect(lines(requestHeaders([], { address: undefined, isSecure: true }))).toEqual([
      "Host: localhost",
      "X-Forwarded-Proto: https",
    ]);
  });

  test("headers of the connection stay behind, but a client cannot have others removed", () => {
    const raw = ["Host", "a", "Connection", "close, X-Mine , cookie, Host", "X-Mine", "1", "Cookie", "c=1"];
    const sent = lines(requestHeaders([...raw, "Upgrade", "h2c", "Proxy-Authorization", "x"], client));
    expect(sent.slice(0, 2)).toEqual(["Host: a", "Cookie: c=1"]);
    expect(sent).toHaveLength(5);
  });

  test("a chunked body is declared again", () => {
    const sent = lines(requestHeaders(["Host", "a", "Transfer-Encoding", "gzip, chunked"], client));
    expect(sent).toContain("Transfer-Encoding: chunked");
  });
});

test("upgradeHeaders keep what asks for the other protocol", () => {
  const raw = ["Host", "a", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Key", "k"];
  expect(lines(upgradeHeaders(raw, client)).slice(0, 4)).toEqual([
    "Host: a",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: k",
  ]);
});

test("responseHeaders keep order, case and repetition, and lose the program's connection", () => {
  const raw = ["Set-Cookie", "a", "set-cookie", "b", "Keep-Alive", "timeout=2", "Connection", "keep-alive"];
  expect(lines(responseHeaders([...raw, "Transfer-Encoding", "chunked", "ETag", "x"]))).toEqual([
    "Set-Cookie: a",
    "set-cookie: b",
    "ETag: x",
  ]);
});
