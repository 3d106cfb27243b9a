import { isDeepStrictEqual } from "node:util";
import { until } from "../../bare.ts";
import { type Market, openMarket } from "./market.ts";
import { addedLines } from "./nginx-files.ts";
import { type Ended, startCutover } from "./run-cutover.ts";
import { figures } from "./figures.ts";
import type { Teller } from "./teller.ts";
import { desktop, phone, type Seen, startUsers, type Users } from "./users.ts";

/** What there is to see of the whole play. */
export interface Played {
  readonly broken: Ended;
  /** What answered while only phones were to see the new release: twenty requests each. */
  readonly phonesFirst: { readonly phones: readonly string[]; readonly desktops: readonly string[] };
  readonly promote: Ended;
  readonly fixed: Ended;
  /** From "promote" to the first answer of the new release at a desktop. */
  readonly promotedMs: number;
  readonly isConfigurationAsBefore: boolean;
  readonly releasesOfServers: readonly string[];
  readonly seen: Seen;
}

export const acts = {
  broken: "2  The storefront fails on green",
  fixed: "3  The fix comes to green",
  phones: "   Phones see green first",
  everyone: "4  Everyone follows, blue too",
} as const;

const ratePerSecond = 40;

/** The blue-green example from its first release to the upgrade of both halves. `signal`: leave off and tidy up. */
export async function play(teller: Teller, signal: AbortSignal): Promise<Played> {
  teller.say(
    "Six machines in network namespaces of this one: the servers blue1, blue2, green1 and green2, each with a catalogue (Java) and a storefront (Node); nginx on lb1 in front of them; an operator, who reaches them all by ssh.",
  );
  const market = await openMarket();
  try {
    return await Promise.race([playOn(market, teller), leftOff(signal)]);
  } finally {
    await market.close();
  }
}

async function leftOff(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    if (signal.aborted) reject(new Error("left off"));
    signal.addEventListener("abort", () => reject(new Error("left off")));
  });
}

interface Stage {
  readonly market: Market;
  readonly teller: Teller;
  readonly users: Users;
}

async function playOn(market: Market, teller: Teller): Promise<Played> {
  await goLive(market, teller);
  const before = market.configuration();
  const users = await startUsers(market, ratePerSecond);
  teller.say(
    `From now on phones and desktops ask for ${ratePerSecond} pages a second each, half of them over new connections; no request is sent twice, nginx repeats none.`,
  );
  const stage = { market, teller, users };
  const broken = await failOnGreen(stage);
  const fixed = await showPhones(stage);
  const promoted = await promote(stage, fixed.deploy);
  const seen = await users.stop();
  const after = market.configuration();
  const isConfigurationAsBefore = isDeepStrictEqual(before, after);
  teller.act("What the people met");
  teller.show(figures(seen, acts));
  const sent = seen.phone.total.sent + seen.desktop.total.sent;
  const lost = seen.phone.total.failed + seen.desktop.total.failed;
  teller.say(`${lost} of ${sent.toLocaleString("en")} requests were lost.`);
  const [files, links] = [Object.keys(after.files).length, Object.keys(after.links).length];
  teller.say(
    isConfigurationAsBefore
      ? `nginx works from the same ${files} files and ${links} links as before act 2, byte for byte.`
      : "nginx's files are not what they were before act 2.",
  );
  const releasesOfServers = await market.releases();
  const { phonesFirst } = fixed;
  return { broken, phonesFirst, ...promoted, isConfigurationAsBefore, releasesOfServers, seen };
}

async function goLive(market: Market, teller: Teller): Promise<void> {
  teller.act("1  Release 1 goes live on both halves: cutover deploy");
  const name = "nginx.conf";
  const before = market.configuration().files[name] ?? "";
  market.write({ version: "1", currency: "EUR" });
  const { exit, said } = await startCutover(market, ["deploy", "--yes"], teller).ended();
  if (exit !== 0) throw new Error(`the first deployment ended with ${exit}: ${said}`);
  const lines = addedLines(before, market.configuration().files[name] ?? "");
  teller.say(`Lines that cutover has put into ${name}, once; from here on it moves links:`);
  teller.show(lines.map((line) => `  + ${line.trim()}`));
}

async function failOnGreen({ market, teller, users }: Stage): Promise<Ended> {
  teller.act(`${acts.broken}: cutover deploy`);
  teller.say("Release 2 has lost its currency, without which the storefront does not start.");
  users.begin(acts.broken);
  market.write({ version: "2" });
  const broken = await startCutover(market, ["deploy", "--yes"], teller).ended();
  teller.say(`Exit ${broken.exit} after ${broken.seconds.toFixed(1)} s. ${soFar(users)}`);
  return broken;
}

interface Fixed {
  readonly deploy: ReturnType<typeof startCutover>;
  readonly phonesFirst: Played["phonesFirst"];
}

async function showPhones({ market, teller, users }: Stage): Promise<Fixed> {
  teller.act(`${acts.fixed}, phones see it first: cutover deploy`);
  teller.say("Release 3 has its currency again.");
  users.begin(acts.fixed);
  market.write({ version: "3", currency: "EUR" });
  const deploy = startCutover(market, ["deploy", "--yes"], teller);
  const isSeen = async (): Promise<boolean> => deploy.isOver() || (await market.ask(phone)) === "3";
  await until("phones see release 3", isSeen, 120_000);
  users.begin(acts.phones);
  const { sent } = users.soFar();
  const phonesFirst = { phones: await askOften(market, phone), desktops: await askOften(market, desktop) };
  await until("many more met it", () => users.soFar().sent > sent + 4 * ratePerSecond, 60_000);
  teller.say(`Of 20 phones, ${tally(phonesFirst.phones)}. Of 20 desktops, ${tally(phonesFirst.desktops)}.`);
  return { deploy, phonesFirst };
}

async function promote(
  { market, teller, users }: Stage,
  deploy: Fixed["deploy"],
): Promise<Pick<Played, "promote" | "fixed" | "promotedMs">> {
  teller.act(`${acts.everyone}: cutover promote`);
  users.begin(acts.everyone);
  const startedAt = performance.now();
  const promoting = startCutover(market, ["promote", "--yes"], teller);
  const isSeen = async (): Promise<boolean> => deploy.isOver() || (await market.ask(desktop)) === "3";
  await until("desktops see release 3", isSeen, 60_000);
  const promotedMs = performance.now() - startedAt;
  const ended = { promote: await promoting.ended(), fixed: await deploy.ended() };
  teller.say(
    `Desktops met release 3 ${(promotedMs / 1000).toFixed(1)} s after the command. Exit ${ended.fixed.exit}. ${soFar(users)}`,
  );
  return { ...ended, promotedMs };
}

function soFar(users: Users): string {
  const { sent, lost } = users.soFar();
  return `So far ${sent.toLocaleString("en")} requests, ${lost} lost.`;
}

async function askOften(market: Market, userAgent: string): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < 20; i += 1) answers.push(await market.ask(userAgent));
  return answers;
}

/** "20 met release 1". */
function tally(answers: readonly string[]): string {
  return [...new Set(answers)]
    .sort()
    .map((version) => `${answers.filter((answer) => answer === version).length} met release ${version}`)
    .join(", ");
}
