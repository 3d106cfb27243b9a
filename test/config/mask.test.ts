import { expect, test } from "vitest";
import { maskSecrets } from "../../src/config/mask.ts";

test("values that look secret are masked, references and the rest stay", () => {
  const config = {
    env: { vars: { APP_ENV: "production", API_KEY: "abc", DB_PASSWORD: "$DB_PASSWORD" } },
    notify: { slack: "https://hooks.example.com/T/B", webhook: "https://ann:pw@example.com/hook" },
    list: [{ token: "x" }],
    origin: "https://ann:pw@example.com/hook",
  };
  expect(maskSecrets(config)).toEqual({
    env: { vars: { APP_ENV: "production", API_KEY: "***", DB_PASSWORD: "$DB_PASSWORD" } },
    notify: { slack: "***", webhook: "***" },
    list: [{ token: "***" }],
    origin: "https://ann:***@example.com/hook",
  });
});
