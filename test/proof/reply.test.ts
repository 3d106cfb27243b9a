import { array, assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { ReplyReader } from "../../src/proof/reply.ts";

const answers = {
  length: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  chunked:
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n",
  continued: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
};

test.each(Object.entries(answers))(
  "an answer with %s is complete at its last byte, however it arrives",
  (_kind, text) => {
    assert(
      property(array(integer({ min: 1, max: 40 })), (sizes) => {
        const reader = new ReplyReader();
        const bytes = Buffer.from(text);
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          if (at >= bytes.length) break;
          expect(reader.state).toBe("reading");
          reader.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(reader.state).toBe("done");
        expect(reader.reply()).toMatchObject({ status: 200, body: "hello", isReusable: true });
      }),
    );
  },
);

test.each(Object.entries(answers))(
  "an answer with %s that ends one byte early is no answer",
  (_kind, text) => {
    const reader = new ReplyReader();
    reader.push(Buffer.from(text.slice(0, -1)));
    expect(reader.end()).toBe(false);
  },
);

test("an answer without a length lasts until the connection ends", () => {
  const reader = new ReplyReader();
  reader.push(Buffer.from("HTTP/1.1 200 OK\r\n\r\nhello"));
  expect(reader.state).toBe("reading");
  expect(reader.end()).toBe(true);
  expect(reader.reply()).toMatchObject({ body: "hello", isReusable: false });
});

test.each([
  ["bytes after the end", `${answers.length}more`],
  ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello"],
  ["a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
  ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n"],
])("%s is not HTTP", (_what, text) => {
  const reader = new ReplyReader();
  reader.push(Buffer.from(text));
  expect(reader.state).toBe("broken");
});
