import { describe, expect, test } from "vitest";
import { isProblem } from "../../../src/problem.ts";
import { readArguments } from "../../../src/process/relay/arguments.ts";
import { insertPort, programEnv } from "../../../src/process/relay/program-env.ts";

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
    expect(insertPort(["--bind=:$PORT", "${PORT}", "$PORTS", "\\$X"], 7)).toEqual([
      "--bind=:7",
      "7",
      "$PORTS",
      "\\$X",
    ]);
  });
});
