// Asks for the test from inside a namespace: a JSON line {url, headers} in, a JSON line with the answer out, in order.
import { get } from "node:http";
import { createInterface } from "node:readline";

function ask({ url, headers }) {
  return new Promise((resolve) => {
    const request = get(url, { headers, agent: false, timeout: 5000 }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (body += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
      answer.on("error", ({ message }) => resolve({ status: 0, headers: {}, body: message }));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", ({ message }) => resolve({ status: 0, headers: {}, body: message }));
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await ask(JSON.parse(line)))}\n`);
}
