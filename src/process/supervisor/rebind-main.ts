import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isProblem } from "../../problem.ts";
import type { RebindReply } from "./rebind.ts";
import { startShim, type ShimPlan } from "./shim.ts";

const directory = process.argv[2] ?? "";
const plan: ShimPlan = JSON.parse(readFileSync(join(directory, "plan.json"), "utf8"));

function reply(): RebindReply {
  try {
    return { shim: startShim(plan) };
  } catch (error) {
    if (isProblem(error)) return { problem: error.detail };
    return { problem: { code: "PORT_LOST", what: "The port could not be opened.", why: String(error) } };
  }
}

const part = join(directory, "reply.part");
writeFileSync(part, JSON.stringify(reply()), { mode: 0o600 });
renameSync(part, join(directory, "reply.json"));
