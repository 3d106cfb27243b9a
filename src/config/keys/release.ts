import {
  anyText,
  choice,
  command,
  duration,
  either,
  innerPath,
  type Keys,
  listOf,
  mapOf,
  object,
  type Shape,
  text,
} from "../shape.ts";
import { environment } from "./service.ts";

const sourceKeys: Keys = {
  git: {
    shape: text("a URL that git can clone", /^\S+$/),
    about: "Repository that is mirrored on the host; $NAME in its login comes from the environment.",
    example: "git: https://deploy:$GIT_TOKEN@github.com/acme/shop.git",
  },
  branch: {
    shape: text("a branch, tag or commit", /^\S+$/),
    about: "What is deployed when the command names nothing else.",
    default: "main",
    example: "branch: production",
  },
  artifact: {
    shape: text("the path of a .tar.gz, .tgz or .tar.zst file", /\.(tar\.gz|tgz|tar\.zst)$/),
    about: "Archive built before, {revision} in it is replaced by the git revision.",
    example: "artifact: dist/shop-{revision}.tar.gz",
  },
};

export const sharedKeys: Keys = {
  dirs: {
    shape: listOf(innerPath),
    about: "Directories that survive releases.",
    default: "[]",
    example: "dirs: [storage, uploads]",
  },
  files: {
    shape: listOf(innerPath),
    about: "Files that survive releases.",
    default: "[]",
    example: "files: [public/sitemap.xml]",
  },
};

export const envKeys: Keys = {
  template: {
    shape: anyText,
    about:
      "File with KEY=VALUE lines, kept in git, without secrets: a value may be a reference ($NAME, ${NAME:-default}, env://NAME, file://path, op://vault/item/field) or hold one ({{ op://vault/item/field }}). A dollar that is meant is written \\$ or in single quotes.",
    default: ".env.template",
    example: "template: .env.template",
  },
  to: {
    shape: innerPath,
    about: "Where the rendered file goes inside the release, 0600 and versioned with it.",
    default: ".env",
    example: "to: config/.env",
  },
  vars: {
    shape: environment,
    about: "Variables for the template's references, above the operator's environment.",
    default: "{}",
    example: "vars: { APP_ENV: production }",
  },
};

export const buildKeys: Keys = {
  run: {
    shape: listOf(command),
    about: "Commands run one after the other in the new release directory.",
    default: "[]",
    example: "run: [npm ci, npm run build]",
  },
  where: {
    shape: choice("server", "here"),
    about: "Build on each server, or here before the upload.",
    default: "server",
    example: "where: here",
  },
  cache: {
    shape: mapOf(innerPath, "a directory inside the release", /^(?!\/)(?!.*\.\.)\S+$/),
    about: "Dependency directories and the lockfile whose content decides whether they can be used again.",
    default: "{}",
    example: "cache: { node_modules: package-lock.json }",
  },
  timeout: {
    shape: duration,
    about: "Deadline of the whole build.",
    default: "15m",
    example: "timeout: 30m",
  },
};

export const migrateKeys: Keys = {
  run: {
    shape: command,
    about: "Command run once, in the new release with its env, before the switch.",
    isRequired: true,
    example: "run: npx prisma migrate deploy",
  },
  on: {
    shape: text("the name of a service", /\S/),
    about: "Service in whose directory and environment it runs.",
    example: "on: web",
  },
  timeout: {
    shape: duration,
    about: "Deadline of the migration.",
    default: "10m",
    example: "timeout: 30m",
  },
  database: {
    shape: anyText,
    about: "Connection URL for the checks before a migration, as a reference.",
    example: "database: $DATABASE_URL",
    later: "does not check databases",
  },
  policy: {
    shape: choice("expand-only", "any"),
    about: "expand-only refuses a migration that the old release could not live with.",
    example: "policy: expand-only",
    later: "does not check migrations",
  },
};

export const assetsKeys: Keys = {
  path: {
    shape: innerPath,
    about: "Directory of hashed files.",
    isRequired: true,
    example: "path: public/build",
  },
  keep: {
    shape: duration,
    about: "How long files of older releases stay reachable for pages that are still open.",
    default: "7d",
    example: "keep: 30d",
  },
};

export const source: Shape = either(
  text("a directory such as . (or a map with git: or artifact:)", /^(\.\.?|\.{0,2}\/\S.*)$/),
  object(sourceKeys),
);
