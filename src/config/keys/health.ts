import {
  boolean,
  command,
  duration,
  either,
  type Keys,
  listOf,
  choice,
  regexp,
  type Shape,
  text,
  whole,
} from "../shape.ts";

const path = text("a path beginning with /", /^\/\S*$/);

export const healthWords: Shape = either(path, choice("tcp", "message", "notify", "none"));

export const healthKeys: Keys = {
  path: { shape: path, about: "HTTP path that is asked.", example: "path: /health" },
  expect: {
    shape: whole(100, 599),
    about: "Status the path answers with.",
    default: "200",
    example: "expect: 204",
  },
  body: {
    shape: regexp,
    about: "Regular expression that the answer's body must match.",
    example: `body: '"status":"ok"'`,
  },
  tcp: { shape: boolean, about: "Healthy when the port accepts a connection.", example: "tcp: true" },
  command: {
    shape: command,
    about: "Healthy when this command ends with 0; it gets PORT and the release's env.",
    example: "command: ./bin/ready",
  },
  message: {
    shape: boolean,
    about: 'Healthy when the program calls process.send("ready").',
    example: "message: true",
  },
  notify: {
    shape: boolean,
    about: "Healthy when the program writes READY=1 to NOTIFY_SOCKET.",
    example: "notify: true",
  },
  none: {
    shape: boolean,
    about: "No check: an instance counts as healthy when it has lived for min-uptime. It must be said.",
    example: "none: true",
  },
  interval: {
    shape: duration,
    about: "Pause between two probes.",
    default: "500ms",
    example: "interval: 1s",
  },
  "healthy-after": {
    shape: whole(1, 1000),
    about: "Successful probes in a row that make an instance healthy.",
    default: "2",
    example: "healthy-after: 3",
  },
  timeout: { shape: duration, about: "Deadline of one probe.", default: "2s", example: "timeout: 5s" },
  "min-uptime": {
    shape: duration,
    about: "An instance takes no traffic before it has lived this long.",
    default: "2s",
    example: "min-uptime: 10s",
  },
  warm: {
    shape: listOf(path),
    about: "Paths that are asked once before the gate opens, so that no visitor meets a cold cache.",
    default: "[]",
    example: "warm: [/, /products]",
  },
};

export function expandHealth(word: unknown): unknown {
  return typeof word === "string" && word.startsWith("/") ? { path: word } : { [String(word)]: true };
}
