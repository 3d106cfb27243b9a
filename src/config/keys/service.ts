import {
  anyText,
  boolean,
  choice,
  command,
  duration,
  either,
  envValue,
  innerPath,
  type Keys,
  listOf,
  mapOf,
  object,
  regexp,
  type Shape,
  size,
  text,
  whole,
} from "../shape.ts";
import { expandHealth, healthKeys, healthWords } from "./health.ts";

export const environment: Shape = mapOf(
  envValue,
  "the name of an environment variable",
  /^[A-Za-z_][A-Za-z0-9_]*$/,
);

const stopKeys: Keys = {
  signal: {
    shape: text("the name of a signal, for example SIGTERM", /^SIG[A-Z0-9]+$/),
    about:
      "Signal that asks the program to end, sent when nothing is in flight any more or the drain deadline is over.",
    default: "SIGTERM",
    example: "signal: SIGINT",
  },
  timeout: {
    shape: duration,
    about: "From the signal to SIGKILL.",
    default: "10s",
    example: "timeout: 20s",
  },
};

const restartKeys: Keys = {
  auto: {
    shape: boolean,
    about: "Start the program again when it ends by itself.",
    default: "true",
    example: "auto: false",
  },
  "max-in-row": {
    shape: whole(1),
    about: "Failures in a row after which the service counts as crash-looping.",
    default: "16",
    example: "max-in-row: 5",
  },
  "first-delay": {
    shape: duration,
    about: "Pause before the first restart; it doubles with each failure in a row.",
    default: "100ms",
    example: "first-delay: 1s",
  },
  "max-delay": {
    shape: duration,
    about: "Longest pause between two restarts.",
    default: "15s",
    example: "max-delay: 1m",
  },
};

const logKeys: Keys = {
  size: {
    shape: size,
    about: "A log file is rotated beyond this size.",
    default: "50M",
    example: "size: 10M",
  },
  keep: { shape: whole(0), about: "Rotated files kept, compressed.", default: "5", example: "keep: 10" },
};

export const serviceKeys: Keys = {
  run: {
    shape: either(command, listOf(anyText)),
    about: "Command that runs the program: a shell line, or a list of arguments that is run without a shell.",
    example: "run: npm run start:prod",
  },
  dir: {
    shape: innerPath,
    about: "Working directory inside the release.",
    default: ".",
    example: "dir: backend",
  },
  port: {
    shape: whole(1, 65_535),
    about: "Public port on the host. Without one the service is a worker, replaced after the switch.",
    example: "port: 3000",
  },
  host: {
    shape: text("an address to listen on, for example 127.0.0.1", /^\S+$/),
    about:
      "Address the public port is held on; absent: all, also when the program itself asks for 127.0.0.1.",
    example: "host: 127.0.0.1",
  },
  instances: {
    shape: either(whole(1, 1024), choice("max")),
    about: "How many instances share the port; max is one for each processor.",
    default: "1",
    example: "instances: max",
  },
  health: {
    shape: either(healthWords, object(healthKeys)),
    about:
      'When an instance counts as healthy; needed with a port. A path ("/health"), tcp, message (process.send("ready")), notify (NOTIFY_SOCKET), none, or a map with more detail.',
    example: "health: /health",
    expand: expandHealth,
  },
  boot: {
    shape: duration,
    about: "Deadline for an instance to become healthy.",
    default: "60s",
    example: "boot: 90s",
  },
  drain: {
    shape: duration,
    about: "Deadline for an old instance to finish the requests it has.",
    default: "30s",
    example: "drain: 2m",
  },
  stop: {
    shape: object(stopKeys),
    about: "How a program is asked to end once it is drained.",
    default: "{}",
    example: "stop: { signal: SIGINT, timeout: 20s }",
  },
  restart: {
    shape: object(restartKeys),
    about: "What happens when the program ends by itself.",
    default: "{}",
    example: "restart: { max-in-row: 5 }",
  },
  memory: {
    shape: size,
    about: "Above this an instance is replaced, one at a time, with the same care as in a deploy.",
    example: "memory: 512M",
  },
  env: {
    shape: environment,
    about:
      "Environment of this service, above the release's env file. References ($NAME, op://...) are resolved.",
    example: "env: { NODE_ENV: production }",
  },
  engine: {
    shape: choice("builtin", "php-fpm", "static", "systemd"),
    about: "Who runs the program: cutover, or for php-fpm and static a server that is there already.",
    default: "builtin",
    example: "engine: php-fpm",
    later: { systemd: "runs programs itself" },
  },
  handover: {
    shape: choice("auto", "preload", "relay"),
    about:
      "How the program gets the public port: preload (Node takes over the listening socket), relay (it binds a private $PORT), auto decides.",
    default: "auto",
    example: "handover: relay",
  },
  reload: {
    shape: command,
    about: "For php-fpm and static: command that makes the server see the switched release.",
    example: "reload: sudo systemctl reload php8.2-fpm",
  },
  after: {
    shape: listOf(text("the name of a service", /\S/)),
    about:
      "Services that are replaced before this one. All of them are checked before any takes requests, so a health check must not ask another service of the same release.",
    default: "[]",
    example: "after: [catalog]",
  },
  fatal: {
    shape: listOf(regexp),
    about: "Regular expressions; a line of the startup log that matches is reported as a finding.",
    default: "[]",
    example: 'fatal: ["UnhandledPromiseRejection", "ECONNREFUSED"]',
  },
  cron: {
    shape: text("five fields of cron, for example 0 4 * * *", /^(\S+\s+){4}\S+(\s+\S+)?$/),
    about: "Times at which the instances are replaced, in cron's five fields.",
    example: 'cron: "0 4 * * *"',
  },
  logs: {
    shape: object(logKeys),
    about: "Rotation of the log files under $CUTOVER_HOME/logs.",
    default: "{}",
    example: "logs: { size: 10M, keep: 10 }",
  },
};
