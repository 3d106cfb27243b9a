import type { InstanceStatus, ServiceState, ServiceStatus } from "../../process/protocol.ts";

/** What one line of the list needs; a running supervisor or the state file tells it. */
export type ListedService = Pick<
  ServiceStatus,
  "id" | "app" | "name" | "live" | "port" | "instances" | "restarts"
> & {
  readonly state: ServiceState | "unsupervised";
  readonly spec: { readonly instances: number };
};

/** Bytes as a person reads them: 0.8 MB, 44 MB, 1.5 GB. */
export function bytesText(bytes: number): string {
  const mega = bytes / 1024 ** 2;
  if (mega >= 1000) return `${(mega / 1024).toFixed(1)} GB`;
  return mega >= 10 || mega === 0 ? `${String(Math.round(mega))} MB` : `${mega.toFixed(1)} MB`;
}

/** Share of one core, as top prints it. */
export function cpuText(share: number): string {
  return `${String(Math.round(share * 100))}%`;
}

/** Online of wanted: "2/2". */
export function instancesText(service: ListedService): string {
  const wanted = service.state === "stopped" ? 0 : service.spec.instances;
  return `${service.state === "unsupervised" ? "?" : String(openInstances(service).length)}/${String(wanted)}`;
}

/** Those that take traffic, or for a service without a port, work. */
export function openInstances({ instances }: Pick<ListedService, "instances">): readonly InstanceStatus[] {
  return instances.filter(({ state }) => state === "open");
}

export function stateText(service: ListedService): string {
  if (service.state !== "running") return service.state;
  const open = openInstances(service).length;
  if (open >= service.spec.instances) return "online";
  return open > 0 ? "degraded" : "starting";
}

/** Command as a person would type it. */
export function commandText(run: string | readonly string[]): string {
  return typeof run === "string"
    ? run
    : run.map((word) => (/[\s'"$]/.test(word) ? JSON.stringify(word) : word)).join(" ");
}
