import { servers, trafficKeys } from "./keys/fleet.ts";
import { assetsKeys, buildKeys, envKeys, migrateKeys, sharedKeys, source } from "./keys/release.ts";
import { proofKeys } from "./keys/proof.ts";
import { freezeKeys, hookKeys, notifyKeys, rolloutKeys } from "./keys/rollout.ts";
import { serviceKeys } from "./keys/service.ts";
import {
  command,
  either,
  innerPath,
  type Keys,
  listOf,
  mapOf,
  object,
  off,
  type Shape,
  text,
  whole,
} from "./shape.ts";

const appName: RegExp = /^[a-z][a-z0-9-]{0,62}$/;

/** Every key of cutover.yml but stages: what checks it, what explains it. */
export const ownKeys: Keys = {
  app: {
    shape: text("a name of lower-case letters, digits and hyphens", appName),
    about: "Name of the application.",
    isRequired: true,
    example: "app: shop",
  },
  source: {
    shape: source,
    about: "Where releases come from: this directory, a git repository or an archive.",
    default: ".",
    example: "source: { git: git@github.com:acme/shop.git, branch: main }",
  },
  servers: {
    shape: servers,
    about:
      "Servers to deploy to, over SSH; absent: this machine. For blue-green two halves by name, servers: { blue: [...], green: [...] }. What the balancer knows by another address is a map: { host: deploy@web1, address: 10.0.0.5 }.",
    example: "servers: [deploy@10.0.0.5, deploy@10.0.0.6]",
  },
  path: {
    shape: text("an absolute path, or one beginning with ~/", /^(\/|~\/)[^\0\n]*$/),
    about: "Directory on the host that holds releases/, shared/ and current.",
    default: "~/.cutover/apps/<app>",
    example: "path: /srv/shop",
  },
  shared: {
    shape: object(sharedKeys),
    about: "What survives releases.",
    default: "{}",
    example: "shared: { dirs: [storage] }",
  },
  writable: {
    shape: listOf(innerPath),
    about: "Directories the group may write to.",
    default: "[]",
    example: "writable: [storage]",
  },
  env: {
    shape: object(envKeys),
    about: "The environment of a release, rendered once per deploy and versioned with it.",
    example: "env: { template: .env.template, to: .env }",
  },
  build: {
    shape: object(buildKeys),
    about: "How a release is made ready to run.",
    default: "{}",
    example: "build: { run: [npm ci, npm run build], cache: { node_modules: package-lock.json } }",
  },
  migrate: {
    shape: either(command, object(migrateKeys)),
    about:
      "Database migration, once per deploy before the switch. Its failure leaves the old release serving.",
    example: "migrate: npx prisma migrate deploy",
    expand: (run) => ({ run }),
  },
  services: {
    shape: mapOf(object(serviceKeys), "a name of lower-case letters, digits and hyphens", appName),
    about: "The programs of the application, by name.",
    default: "{}",
    example: "services: { web: { run: npm run start:prod, port: 3000, health: /health } }",
  },
  traffic: {
    shape: object(trafficKeys),
    about: "What sends requests to the instances.",
    example: "traffic: { engine: haproxy, hosts: [lb@10.0.0.2], backends: { web: be_web } }",
  },
  rollout: {
    shape: object(rolloutKeys),
    about: "How one release replaces the other.",
    default: "{}",
    example: "rollout: { strategy: rolling, bake: 1m }",
  },
  proof: {
    shape: either(off, object(proofKeys)),
    about:
      "Requests sent all through every deploy and rollback, as its proof (cutover proof): to where clients reach the service, " +
      "at its own port or through the balancer, or to what proof.url says. proof: false measures nothing.",
    default: "{}",
    example: "proof: { url: https://shop.example.com/health }",
  },
  hooks: {
    shape: object(hookKeys),
    about: "Commands run in the release directory at the moments of a deploy.",
    default: "{}",
    example: "hooks: { after-switch: [./bin/clear-cache] }",
  },
  assets: {
    shape: object(assetsKeys),
    about: "Hashed files of older releases that stay reachable.",
    example: "assets: { path: public/build, keep: 7d }",
  },
  notify: {
    shape: object(notifyKeys),
    about: "Who is told of the end of a deploy; a failing notification only warns.",
    example: "notify: { webhook: $DEPLOY_WEBHOOK, on: [failure] }",
  },
  freeze: {
    shape: listOf(object(freezeKeys)),
    about: "Weekly times in which deploys are refused; a rollback never is.",
    default: "[]",
    example: "freeze: [{ from: Fri 18:00, to: Mon 08:00, zone: Europe/Berlin }]",
  },
  keep: {
    shape: whole(1, 1000),
    about: "Good releases kept on the host.",
    default: "5",
    example: "keep: 10",
  },
};

/** What a stage may overlay: everything but stages. */
const overlayShape: Shape = object(ownKeys);

export const schema: Extract<Shape, { kind: "object" }> = {
  kind: "object",
  keys: {
    ...ownKeys,
    stages: {
      shape: mapOf(overlayShape, "a name of lower-case letters, digits and hyphens", appName),
      about: "Overlays of the rest, chosen by --stage: maps are merged, everything else is replaced.",
      default: "{}",
      example: "stages: { staging: { path: /srv/shop-staging } }",
    },
  },
};
