import { expect, test } from "vitest";
import { findReport } from "../../../src/cli/report/find.ts";
import { reportHtml } from "../../../src/cli/report/html.ts";
import { reportMarkdown } from "../../../src/cli/report/markdown.ts";
import { reportText } from "../../../src/cli/report/text.ts";
import type { HostEnd } from "../../../src/fleet/end.ts";
import { Problem, type ProblemDetail } from "../../../src/problem.ts";
import { journalText } from "../proof/journal.ts";
import { harmfulCanary, measuredCanary } from "./recorded.ts";

function server(readProof: HostEnd["readProof"]): HostEnd {
  const text = journalText(harmfulCanary);
  const host: Pick<HostEnd, "name" | "readProof" | "readJournal" | "journals"> = {
    name: "web1",
    readProof,
    readJournal: () => Promise.resolve(text),
    journals: () => Promise.resolve([{ id: "42", text }]),
  };
  return host as HostEnd;
}

async function everyForm(...hosts: readonly HostEnd[]): Promise<readonly string[]> {
  const report = await findReport({ hosts }, undefined);
  return [reportText(report, 100), reportMarkdown(report), reportHtml(report)];
}

test("a report whose proof is damaged says that it cannot be read, not that nothing was measured", async () => {
  for (const damaged of ["5", '{"verdict":', "[]", '{"unmeasured":5}'])
    for (const form of await everyForm(server(() => Promise.resolve(damaged)))) {
      expect(form).toMatch(/Its proof cannot be read: \S/);
      expect(form).not.toMatch(/not measured/i);
    }
});

test("a report whose server does not answer with the proof says why", async () => {
  const lost = new Problem({ code: "CONNECTION_LOST", what: "The connection to web1 was lost." });
  for (const form of await everyForm(server(() => Promise.reject(lost))))
    expect(form).toContain("Its proof cannot be read: The connection to web1 was lost.");
});

test("a damaged copy beside a good one is a warning, and the good one is told", async () => {
  const warnings: ProblemDetail[] = [];
  const good = JSON.stringify(measuredCanary());
  const hosts = [server(() => Promise.resolve("{")), server(() => Promise.resolve(good))];
  const report = await findReport({ hosts }, "42", { warn: (problem) => warnings.push(problem) });
  expect(report.measured).toMatchObject({ deployment: "42" });
  expect(warnings).toMatchObject([{ code: "PROOF_DAMAGED" }]);
});
