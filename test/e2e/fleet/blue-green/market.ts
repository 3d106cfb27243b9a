import { type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openAsker } from "../bed/asker.ts";
import { type Bed, openBed } from "../bed/bed.ts";
import { programAt } from "../bed/program.ts";
import { nginxFiles, type NginxFiles } from "./nginx-files.ts";

const example = join(import.meta.dirname, "../../../../examples/blue-green");

/** The example on four servers behind nginx. */
export interface Market {
  readonly bed: Bed;
  readonly url: string;
  readonly catalogUrl: string;
  /** Settings of the next release, part of its files. */
  write(settings: Readonly<Record<string, string>>): void;
  /** cutover in the project, on the operator's machine. */
  cutover(words: readonly string[]): ChildProcess;
  /** The release that answers a browser that calls itself `userAgent`; both services of it, or the text says otherwise. */
  ask(userAgent: string): Promise<string>;
  /** The same of every server, past the balancer. */
  releases(): Promise<readonly string[]>;
  configuration(): NginxFiles;
  close(): Promise<void>;
}

export async function openMarket(): Promise<Market> {
  const bed = await openBed({
    hosts: ["blue1", "blue2", "green1", "green2"],
    balancer: "nginx",
    backends: [
      { service: "storefront", publicPort: 80, port: 3000, healthPath: "/health" },
      { service: "catalog", publicPort: 8080, port: 8080, healthPath: "/health" },
    ],
  });
  const [balancer] = bed.balancers;
  if (balancer === undefined) throw new Error("the market has a balancer");
  const project = join(bed.operator.directory, "home/market");
  mkdirSync(project);
  for (const part of ["catalog", "storefront", "cutover.yml"])
    cpSync(join(example, part), join(project, part), { recursive: true });
  const url = `http://${balancer.address}/`;
  const program = programAt(bed, project);
  const asker = openAsker(bed.operator);
  const askAt = async (where: string, userAgent: string): Promise<string> => {
    const { status, body } = await asker.ask(where, { "user-agent": userAgent });
    if (status !== 200) return `status ${status}`;
    const { version, catalog } = JSON.parse(body) as Readonly<Record<string, string>>;
    return version === catalog ? String(version) : `${version} with catalogue ${catalog}`;
  };
  return {
    bed,
    url,
    catalogUrl: `http://${balancer.address}:8080/`,
    write: (settings) => writeFileSync(join(project, "release.json"), `${JSON.stringify(settings)}\n`),
    cutover: (words) => program.start(words),
    ask: (userAgent) => askAt(url, userAgent),
    releases: () => Promise.all(bed.hosts.map(({ address }) => askAt(`http://${address}:3000/`, "operator"))),
    configuration: () => nginxFiles(join(balancer.directory, "etc/nginx")),
    close: () => bed.close(),
  };
}
