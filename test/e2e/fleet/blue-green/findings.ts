import { acts, type Played } from "./play.ts";
import { inAct } from "./users.ts";

/** What did not go as the example promises, in words; empty when all of it did. */
export function findings(played: Played): readonly string[] {
  const { seen, phonesFirst, broken } = played;
  const { desktop, phone } = seen;
  const lost = desktop.total.failed + phone.total.failed;
  const notes = [...desktop.failures, ...phone.failures].map(({ failure, detail }) => `${failure} ${detail}`);
  const answered = [...desktop.versions, ...phone.versions].map(({ version }) => version);
  const desktopsMet = inAct(desktop, acts.phones).versions;
  const checks: readonly (readonly [boolean, string])[] = [
    [lost === 0, `${lost} requests were lost: ${notes.join("; ")}.`],
    [broken.exit === 4, `The broken release ended with ${broken.exit}, not with 4.`],
    [/currency|toLowerCase/.test(broken.said), "cutover did not show why the storefront failed."],
    [!answered.includes("2"), "Somebody was answered by the broken release."],
    [phonesFirst.phones.every((version) => version === "3"), "A phone was not answered by release 3 first."],
    [phonesFirst.desktops.every((version) => version === "1"), "A desktop saw release 3 with the phones."],
    [desktopsMet.every((version) => version === "1"), `Meanwhile desktops met ${desktopsMet.join(", ")}.`],
    [played.promote.exit === 0, `cutover promote ended with ${played.promote.exit}, not with 0.`],
    [
      played.promotedMs < 15_000,
      `Desktops waited ${Math.round(played.promotedMs)} ms after cutover promote.`,
    ],
    [played.fixed.exit === 0, `The fixed release ended with ${played.fixed.exit}, not with 0.`],
    [
      played.releasesOfServers.every((version) => version === "3"),
      `The servers run ${played.releasesOfServers.join(", ")}.`,
    ],
    [played.isConfigurationAsBefore, "nginx's configuration did not end as it began."],
  ];
  return checks.flatMap(([isFine, finding]) => (isFine ? [] : [finding]));
}
