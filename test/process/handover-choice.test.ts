import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseHandover } from "../../src/process/handover-choice.ts";

let root: string;

function file(path: string, content: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, 0o755);
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "choice-"));
  const scripts = {
    start: "npm run start:prod --",
    "start:prod": "NODE_OPTIONS=--max-old-space-size=512 node dist/main",
    next: "next start -p $PORT",
    py: "python app.py",
    java: "java -jar app.jar",
    mixed: "npm run build && npm run py",
    clean: "npm run py; npm run build && npm run start",
    dotenv: "dotenv -e .env -- node dist/main",
    dotenvPy: "dotenv -- python app.py",
    cross: "cross-env NODE_ENV=production PORT=3000 node dist/main",
    loop: "npm run loop",
    native: "native-server --port $PORT",
    both: "concurrently -n a,b 'npm:start' 'npm run py'",
    twins: 'concurrently "npm:start:prod" "next dev"',
    parallel: "run-p start next",
    build: "tsc -b",
    turbo: "turbo run start",
    api: "npm --prefix api start",
  };
  file("package.json", JSON.stringify({ scripts }));
  file("api/package.json", JSON.stringify({ scripts: { start: "uvicorn main:app" } }));
  file("api/deep/x", "");
  file("empty/package.json", "{}");
  file("broken/package.json", "{");
  file("server.js", "");
  file("bin/www", "#!/usr/bin/env node\n");
  file("bin/flags", "#!/usr/bin/env -S node --no-warnings\n");
  file("bin/python", "#!/usr/bin/env python3\n");
  file("bin/loop", `#!${root}/bin/loop\n`);
  file("bin/elf", "\x7fELF\0\0");
  file("serve", "\x7fELF\0\0");
  file("start.sh", "#!/bin/sh\nset -e\n# then: java -jar x\nexport A=b\ncd api\nexec node ../server.js\n");
  file(
    "start-py.sh",
    '#!/bin/bash\nif [ -n "$X" ]; then\n  exec python a.py\nelse\n  exec python b.py\nfi\n',
  );
  file("entry.sh", '#!/bin/sh\nmigrate || exit 1\nexec "$@"\n');
  file("node_modules/cli/cli.js", "#!/usr/bin/env node\n");
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  symlinkSync("../cli/cli.js", join(root, "node_modules/.bin/some-cli"));
  file("node_modules/.bin/native-server", "\x7fELF\0\0");
  file(
    "node_modules/.bin/pnpm-shim",
    '#!/bin/sh\nbasedir=$(dirname "$0")\nif [ -x "$basedir/node" ]; then\n  exec "$basedir/node"  "$basedir/../x/x.js" "$@"\n' +
      'else\n  exec node  "$basedir/../x/x.js" "$@"\nfi\n',
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function choose(run: string | readonly string[], directory = ""): string {
  return chooseHandover(run, join(root, directory), "/nowhere");
}

describe("the preload is for", () => {
  test.each([
    "node server.js",
    "/opt/node-22/bin/node --max-old-space-size=512 server.js",
    "nodejs server.js",
    "npm start",
    "npm run start:prod",
    "npm --silent run start:prod -- --port 1",
    "npm run-script start",
    "npm -- run start",
    "yarn start",
    "yarn run start",
    "yarn next start",
    "yarn node server.js",
    "pnpm start",
    "pnpm run start",
    "pnpm --silent start",
    "pnpm exec next start",
    "pnpm dlx serve dist",
    "npx next start",
    "npx -y serve@14 -l 3000",
    "npx --no-install tsx server.ts",
    "npx -p typescript -c 'node server.js'",
    "npx never-installed",
    "corepack yarn start",
    "next start",
    "nest start",
    "tsx watch src/main.ts",
    "ts-node -T src/main.ts",
    "vite preview --port 3000",
    "nuxt start",
    "remix-serve build",
    "nodemon server.js",
    "nodemon --exec 'tsx server.ts'",
    "cross-env A=b C=d node server.js",
    "cross-env-shell A=b 'node $X'",
    "dotenv -e .env -- node server.js",
    "env-cmd -f .env node server.js",
    "concurrently 'node a.js' 'node b.js'",
    "A=b node server.js",
    "A=b C='d e' npm start",
    'NODE_OPTIONS="$NODE_OPTIONS --inspect" node server.js',
    "env A=b node server.js",
    "/usr/bin/env -u X A=b node server.js",
    "env -S 'node --no-warnings' server.js",
    "exec node server.js",
    "nohup nice -n 5 node server.js",
    "timeout 1d node server.js",
    "stdbuf -oL setsid node server.js",
    "setpriv --reuid 33 node server.js",
    "gosu www node server.js",
    "tini -- node server.js",
    "op run --env-file .env -- node server.js",
    "doppler run -- npm start",
    "sh -c 'node server.js'",
    "bash -lc 'cd api && node server.js'",
    "bash -eu -c 'node server.js'",
    "npm run build && node dist/main.js",
    "npm run build; exec node dist/main",
    "python migrate.py && node server.js",
    "node server.js | pino-pretty",
    "node server.js 2>&1 | tee -a server.log",
    "node server.js >> out.log 2>> err.log",
    "node server.js || exit 1",
    "redis-server & node server.js",
    "while true; do node server.js; sleep 1; done",
    "if [ -f x ]; then node x; fi",
    "(cd api; node server.js)",
    "trap 'kill 0' EXIT\nnode server.js",
    '"$NODE" server.js',
    "$(which node) server.js",
    "eval 'node server.js'",
    "./bin/www",
    "bin/www",
    "./bin/flags",
    "./server.js",
    "server.mjs",
    "some-cli serve",
    "pnpm-shim",
    "./start.sh",
    "sh start.sh",
    "npm run next",
    "npm run clean",
    "npm run dotenv",
    "npm run cross",
    "npm run twins",
    "npm run parallel",
    "concurrently npm:start npm:next",
  ])("%s", (run) => {
    expect(choose(run)).toBe("preload");
  });

  test("npm start without a script, which runs server.js, and without or with a broken package.json", () => {
    expect(choose("npm start", "empty")).toBe("preload");
    expect(choose("npm start", "broken")).toBe("preload");
    expect(chooseHandover("npm start", "/")).toBe("preload");
  });

  test("words without a shell", () => {
    expect(choose(["npm", "run", "start:prod"])).toBe("preload");
    expect(choose(["node", "a b.js"])).toBe("preload");
    expect(choose(["sh", "-c", "A=b node x"])).toBe("preload");
  });
});

describe("the relay is for", () => {
  test.each([
    "python app.py",
    "/usr/bin/python3 -m http.server $PORT",
    "gunicorn -w 4 app:app",
    "uvicorn main:app --port $PORT",
    "java -jar app.jar",
    "./gradlew bootRun",
    "php -S 127.0.0.1:$PORT",
    "php artisan serve",
    "ruby app.rb",
    "bundle exec puma",
    "go run .",
    "./bin/elf",
    "./serve",
    "./missing",
    "missing",
    "caddy run",
    "bun server.ts",
    "bun run start",
    "bunx next start",
    "deno run -A main.ts",
    "node --watch server.js",
    "node --watch-path=src server.js",
    "node --run start",
    "sudo -u www node server.js",
    "su -c 'node server.js' www",
    "docker run node",
    "env -i node server.js",
    "env -u NODE_OPTIONS node server.js",
    "NODE_OPTIONS=--inspect node server.js",
    "turbo run start",
    "npm run turbo",
    "npm run py",
    "npm run java",
    "yarn py",
    "pnpm run java",
    "npm run mixed",
    "npm run native",
    "npx native-server",
    "npm run dotenvPy",
    "npm run both",
    "npm run loop",
    "npm run api",
    "npm --prefix api start",
    "npm start --prefix=api",
    "yarn --cwd api start",
    "pnpm -C api start",
    "cd api && npm start",
    "nodemon --exec python app.py",
    "cross-env A=b python app.py",
    "dotenv -- java -jar x",
    "node migrate.js && python app.py",
    "npm run build && gunicorn app:app",
    "python app.py | pino-pretty",
    "python app.py || exit 1",
    "timeout 5 python app.py",
    "sh -c 'python app.py'",
    "./bin/python",
    "./bin/loop",
    "./start-py.sh",
    "bash start-py.sh",
    "./entry.sh node server.js",
    "sh missing.sh",
    "$SERVER --port 1",
    "node 'server.js",
    "npm install",
    "yarn",
    "python3.11 app.py",
    "",
    "true",
  ])("%s", (run) => {
    expect(choose(run)).toBe("relay");
  });

  test("the nearest package.json decides, upwards", () => {
    expect(choose("npm start", "api/deep")).toBe("relay");
  });

  test("words without a shell", () => {
    expect(choose(["python3", "app.py"])).toBe("relay");
    expect(choose([])).toBe("relay");
  });
});

test("a program is looked up in PATH", () => {
  expect(chooseHandover("www", "/", `/nowhere:${join(root, "bin")}`)).toBe("preload");
  expect(chooseHandover("elf", "/", join(root, "bin"))).toBe("relay");
});
