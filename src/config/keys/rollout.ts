import {
  anyText,
  boolean,
  choice,
  command,
  duration,
  either,
  type Keys,
  listOf,
  object,
  reference,
  regexp,
  text,
  whole,
} from "../shape.ts";

const urlPath = text("a path beginning with /", /^\/\S*$/);
const percentage = text("a percentage, for example 25%", /^(100|[1-9]\d?)%$/);

const matchKeys: Keys = {
  header: { shape: anyText, about: "Header that decides.", example: "header: User-Agent" },
  cookie: { shape: anyText, about: "Cookie that decides.", example: "cookie: beta" },
  regex: { shape: regexp, about: "What its value matches.", isRequired: true, example: "regex: Mobile" },
};

const judgeKeys: Keys = {
  errors: {
    shape: boolean,
    about:
      "Compare the shares of failed requests: of those the judge sends itself, and of those the balancer counts.",
    default: "true",
    example: "errors: true",
  },
  latency: {
    shape: boolean,
    about:
      "Compare the shares of slow requests: slower than nine of ten answers of the old release were before.",
    default: "true",
    example: "latency: true",
  },
  check: {
    shape: command,
    about:
      "A command of your own, run where cutover runs about once a second for a server of each release. Exit code 0 is good, " +
      'any other bad; a last line like "2 of 150" counts that many bad events out of so many. It gets CUTOVER_HOST, ' +
      "CUTOVER_RELEASE and CUTOVER_ARM (new or old).",
    example: "check: ./bin/checkout-errors",
  },
  paths: {
    shape: listOf(urlPath),
    about:
      "What the judge asks of every service behind the balancer, straight from the balancer's machine: below 400 is good. " +
      "By default the path of proof.url, else the health path.",
    example: "paths: [/, /search?q=shoes]",
  },
  rate: {
    shape: whole(2, 2000),
    about:
      "Requests per second that the judge sends itself, half of them to each release, so that it can tell whatever the traffic. " +
      "A sound release takes about 700 of its half.",
    default: "20",
    example: "rate: 50",
  },
  within: {
    shape: duration,
    about:
      "The longest time of a step: one that is not settled when its hold is over is watched on, and paused after this time. " +
      "A hold that is longer counts instead.",
    default: "10m",
    example: "within: 30m",
  },
  "warm-up": {
    shape: duration,
    about:
      "What a new process answers in its first time, and its first 20 requests, does not count for its speed.",
    default: "10s",
    example: "warm-up: 30s",
  },
  "pre-check": {
    shape: duration,
    about:
      "How long the servers of the canary are compared with the others before they get the release: one that is worse with the " +
      "same release is no place to judge another one. 0s: not at all, as with halves.",
    default: "30s",
    example: "pre-check: 1m",
  },
  split: {
    shape: boolean,
    about:
      "The balancer has to divide the requests as it was told, else the canary is paused. Where its configuration says that clients " +
      "stick to a server this is left out by itself; say false where something else makes shares that no weight explains.",
    default: "true",
    example: "split: false",
  },
  "on-harm": {
    shape: choice("abort", "pause"),
    about: "What happens when the new release does harm.",
    default: "abort",
    example: "on-harm: pause",
  },
  "dry-run": {
    shape: boolean,
    about: "The judge tells what it finds, and nothing follows from that.",
    default: "false",
    example: "dry-run: true",
  },
};

const canaryKeys: Keys = {
  match: {
    shape: object(matchKeys),
    about:
      "Cohort that sees the new release before any share does: requests whose header or cookie matches the regular expression.",
    example: "match: { cookie: beta, regex: . }",
  },
  steps: {
    shape: listOf(percentage),
    about:
      "Shares of the traffic, one after the other, the last one 100%; absent: 5%, 25%, 100% of a canary, and all at once of a half.",
    example: "steps: [5%, 25%, 100%]",
  },
  hold: {
    shape: duration,
    about:
      'The least time of each step; "cutover promote" goes on earlier, "cutover pause" stays. Harm ends it at once. When it is ' +
      "over, a release found sound goes on; one that the judge cannot tell of yet is watched on, judge.within at most, and then paused.",
    default: "5m",
    example: "hold: 10m",
  },
  judge: {
    shape: either(boolean, object(judgeKeys)),
    about:
      "Compares the new release with the old one all through the steps and the bake time, by a test that is wrong once in a " +
      "hundred deployments at most: harm goes back, no evidence goes no further. On by itself wherever there is a step to watch " +
      "and something to ask: proof.url, or a service behind the balancer with a health path. false: only time decides.",
    example: "judge: false",
    expand: (short) => (short === true ? {} : short),
  },
};

export const rolloutKeys: Keys = {
  strategy: {
    shape: choice("rolling", "recreate", "blue-green", "canary"),
    about:
      "rolling replaces instances within capacity, server after server; blue-green deploys to the half without traffic and switches; canary begins with a cohort and small shares; recreate stops the old before it starts the new.",
    default: "rolling",
    example: "strategy: blue-green",
  },
  batch: {
    shape: either(whole(1, 10_000), percentage),
    about: "Servers replaced together: a count, or a share of all; always at least one.",
    default: "25%",
    example: "batch: 1",
  },
  capacity: {
    shape: percentage,
    about:
      "Share of the servers in traffic that goes on taking it at every moment; a rollout that would leave fewer is refused before anything is touched.",
    default: "50%",
    example: "capacity: 75%",
  },
  surge: {
    shape: either(whole(1, 1024), choice("all")),
    about:
      "Extra instances allowed beside the wanted ones while a release is replaced. all costs memory, and switches at once.",
    default: "all",
    example: "surge: 1",
  },
  bake: {
    shape: duration,
    about: "How long the new release must live after the switch before the old one is given up.",
    default: "10s",
    example: "bake: 1m",
  },
  "keep-warm": {
    shape: duration,
    about:
      "blue-green: how long the old half stays as it is after the switch, ready for an instant way back.",
    default: "0s",
    example: "keep-warm: 30m",
  },
  canary: {
    shape: object(canaryKeys),
    about:
      "Cohort and shares of a canary; of the new half, when the strategy is blue-green. A rollback goes without: what was live before is not tried out on a few.",
    example: "canary: { match: { cookie: beta, regex: . }, steps: [5%, 100%] }",
  },
};

const hookAbout: Readonly<Record<string, string>> = {
  "before-switch":
    "Commands run when the new release is checked and not yet live; a failure leaves the old one serving.",
  "after-switch": "Commands run when the new release takes traffic; a failure goes back to the old one.",
  "after-deploy": "Commands run when everything is done; a failure only warns.",
  "on-failure": "Commands run when the deploy has failed; a failure only warns.",
};

export const hookKeys: Keys = {
  ...Object.fromEntries(
    Object.entries(hookAbout).map(([name, about]) => [
      name,
      { shape: listOf(command), about, default: "[]", example: `${name}: [./bin/${name}]` },
    ]),
  ),
  timeout: {
    shape: duration,
    about: "Deadline of one hook command.",
    default: "5m",
    example: "timeout: 10m",
  },
};

export const notifyKeys: Keys = {
  webhook: { shape: reference, about: "URL that gets a JSON message.", example: "webhook: $DEPLOY_WEBHOOK" },
  slack: { shape: reference, about: "Slack-format webhook.", example: "slack: $SLACK_WEBHOOK" },
  on: {
    shape: listOf(choice("failure", "rollback", "success")),
    about: "What is told.",
    default: "[failure, rollback, success]",
    example: "on: [failure]",
  },
};

const weekTime = text(
  "a day and a time, for example Fri 18:00",
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d$/,
);

export const freezeKeys: Keys = {
  from: { shape: weekTime, about: "Begin of the freeze.", isRequired: true, example: "from: Fri 18:00" },
  to: { shape: weekTime, about: "End of the freeze.", isRequired: true, example: "to: Mon 08:00" },
  zone: {
    shape: text("a time zone, for example Europe/Berlin", /^[A-Za-z][\w+/-]*$/),
    about: "Time zone of both.",
    default: "UTC",
    example: "zone: Europe/Berlin",
  },
};
