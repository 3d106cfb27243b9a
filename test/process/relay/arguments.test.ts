import { describe, expect, test } from "vitest";
import { isProblem } from "../../../src/problem.ts";
import { readArguments } from "../../../src/process/relay/arguments.ts";
import { insertPort, insertPortInLine, programEnv } from "../../../src/process/relay/program-env.ts";

describe("readArguments", () => {
  test.each([
    [["--port", "80", "--", "node", "--tcp"], { port: 80, tcp: false, command: ["node", "--tcp"] }],
    [["--tcp", "java", "-jar", "a.jar"], { port: 3000, tcp: true, command: ["java", "-jar", "a.jar"] }],
    [["--shell", "a && b"], { port: 3000, command: ["/bin/sh", "-c", "a && b"] }],
    [["--host", "::1", "x"], { host: "::1", command: ["x"] }],
  ])("%j", (words, expected) => {
    expect(readArguments(words, { PORT: "3000" })).toMatchObject(expected);
  });

  test.each([
    [["--port", "0", "x"]],
    [["--port", "x", "x"]],
    [["--port", "80"]],
    [["--port", "80", "--"]],
    [[]],
  ])("%j is refused with the usage", (words) => {
    let error: unknown = null;
    try {
      readArguments(words, {});
    } catch (reason) {
      error = reason;
    }
    expect(isProblem(error) && error.detail.code).toBe("RELAY_USAGE");
  });
});

describe("programEnv", () => {
  test("the program gets its own port and nothing of the handover, the user's options stay", () => {
    const env = {
      PORT: "3000",
      HOME: "/home/a",
      CUTOVER_INSTANCE_ID: "web-1",
      CUTOVER_LISTEN: '{"3000":[3]}',
      CUTOVER_LEARN: "1",
      LISTEN_FDS: "1",
      LISTEN_PID: "12",
      NODE_OPTIONS: '--max-old-space-size=512 --require "/a b/handover/preload.cjs"',
    };
    expect(programEnv(env, 20_001)).toEqual({
      PORT: "20001",
      HOME: "/home/a",
      CUTOVER_INSTANCE_ID: "web-1",
      NODE_OPTIONS: "--max-old-space-size=512",
    });
  });

  test("without options of the user there are none", () => {
    expect(programEnv({ NODE_OPTIONS: "--require /x/preload.cjs" }, 1)).toEqual({ PORT: "1" });
    expect(programEnv({ NODE_OPTIONS: "-r ./dotenv.js" }, 1)).toEqual({
      PORT: "1",
      NODE_OPTIONS: "-r ./dotenv.js",
    });
  });

  test("$PORT in a word becomes the port, a longer name does not", () => {
    expect(insertPort(["--bind=:$PORT", "${PORT}", "$PORTS", "\\$X"], { open: 80, hidden: 7 })).toEqual([
      "--bind=:7",
      "7",
      "$PORTS",
      "\\$X",
    ]);
  });

  test.each([
    ["python3 srv.py --port 8000", "python3 srv.py --port 7"],
    ["gunicorn -b 0.0.0.0:8000 -w 2 app:app", "gunicorn -b 0.0.0.0:7 -w 2 app:app"],
    ["gunicorn --bind=[::]:8000 app:app", "gunicorn --bind=[::]:7 app:app"],
    ["java -Dserver.port=8000 -jar a.jar", "java -Dserver.port=7 -jar a.jar"],
    ["python3 -m http.server 8000", "python3 -m http.server 7"],
    ["manage.py runserver 8000", "manage.py runserver 7"],
    ["php -S localhost:8000", "php -S localhost:7"],
    ["serve -p8000", "serve -p7"],
    ["x --origin http://me:8000", "x --origin http://me:8000"],
    ["x --workers 8000 --port 18000", "x --workers 8000 --port 18000"],
    ["x --limit=8000", "x --limit=8000"],
  ])("the public port where a program is told to bind it becomes the private one: %s", (typed, run) => {
    const ports = { open: 8000, hidden: 7 };
    expect(insertPort(typed.split(" "), ports).join(" ")).toBe(run);
    expect(insertPortInLine(`cd a && ${typed}; true`, ports)).toBe(`cd a && ${run}; true`);
  });
});
