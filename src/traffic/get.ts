import { request, type RequestOptions } from "node:http";
import type { Answer } from "./driver.ts";

export interface Got extends Answer {
  readonly body: string;
}

const timeoutMs = 10_000;

/** One request on a connection of its own. */
export function get(options: RequestOptions): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asking = request({ agent: false, timeout: timeoutMs, ...options });
    asking.once("timeout", () => asking.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    asking.once("error", reject);
    asking.once("response", (response) => {
      const release = response.headers["x-cutover-release"];
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (body += text));
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          release: typeof release === "string" ? release : undefined,
        }),
      );
    });
    asking.end();
  });
}
