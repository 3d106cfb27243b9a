import { type Keys, text, url, whole } from "../shape.ts";

const urlPath = text("a path beginning with /", /^\/\S*$/);
const headerName = text("the name of a header", /^[A-Za-z0-9-]+$/);

export const proofKeys: Keys = {
  url: {
    shape: url,
    about:
      "What is asked all through a deploy, without a user or a password. By default the health path at the public port of every " +
      "service that has both, on every server; behind a balancer where its configuration says that clients reach it: by name, " +
      "else at each balancer.",
    example: "url: https://shop.example.com/health",
  },
  rate: {
    shape: whole(1, 10_000),
    about: "Requests per second to each service, half of them on fresh connections.",
    default: "50",
    example: "rate: 100",
  },
  "release-header": {
    shape: headerName,
    about:
      "Header in which the program tells its release (CUTOVER_RELEASE) or version. With it the proof shows who answered when, " +
      "and that nothing old answered after the end.",
    default: "x-cutover-release",
    example: "release-header: x-version",
  },
  upload: {
    shape: urlPath,
    about:
      "Path that takes a POST of any bytes: a slow upload (1 MiB in two seconds) is under way all the time, and the proof says " +
      "how those ended that met the switch. It is tried once before; what does not take it then is not asked, and told.",
    example: "upload: /upload",
  },
  stream: {
    shape: urlPath,
    about:
      "Path of server-sent events: one stream is held open; it may end cleanly, and not be cut, or silent for a minute (heartbeats count). Tried once before, as uploads are.",
    example: "stream: /events",
  },
  websocket: {
    shape: urlPath,
    about:
      "Path of a WebSocket: one is held open and pinged; it may be closed with a close frame, and not be cut. Tried once before, as uploads are.",
    example: "websocket: /socket",
  },
};
