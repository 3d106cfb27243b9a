import { readFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import { hostname } from "node:os";

// The shop's front: it asks the catalogue on its own host, so that both are always of the same release.
const { version, currency } = JSON.parse(readFileSync("../release.json", "utf8"));
const sign = { eur: "€", usd: "$" }[currency.toLowerCase()];
const catalog = process.env.CATALOG ?? "http://127.0.0.1:8080/";
const agent = new Agent({ keepAlive: false });

function products() {
  return new Promise((resolve, reject) => {
    const request = get(catalog, { agent }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve(JSON.parse(text)));
      answer.on("error", reject);
    });
    request.on("error", reject);
  });
}

const server = createServer(async (request, response) => {
  response.setHeader("content-type", "application/json");
  response.setHeader("x-cutover-release", process.env.CUTOVER_RELEASE ?? "");
  // Tells of this program alone: it is checked before the catalogue of its release takes requests.
  if (request.url === "/health") return response.end(JSON.stringify({ version }));
  try {
    const found = await products();
    const prices = found.products.map(({ name, price }) => `${name} ${sign}${price}`);
    response.end(JSON.stringify({ version, catalog: found.version, host: hostname(), prices }));
  } catch (error) {
    response.statusCode = 502;
    response.end(JSON.stringify({ version, error: String(error) }));
  }
});

server.listen(Number(process.env.PORT ?? 3000), () => console.log(`storefront ${version} listens`));
