import type { RawConfig } from "../raw.ts";
import type { Issue } from "../validate.ts";

/** What is asked is printed, and kept with the proof: no place for a secret. */
export function proofIssues({ proof }: Pick<RawConfig, "proof">): readonly Issue[] {
  if (proof === false || proof.url === undefined) return [];
  const { username, password } = new URL(proof.url);
  if (username === "" && password === "") return [];
  return [
    {
      path: ["proof", "url"],
      message: "proof.url: a user and a password are not sent",
      why: "It is printed and kept with every proof, so it is no place for a secret.",
      fix: "Ask what answers without them, for example the health path.",
    },
  ];
}
