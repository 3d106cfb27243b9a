import { exits, Problem } from "../../problem.ts";
import type { DrainResult, ServiceStatus } from "../protocol.ts";
import { newService } from "./adopt.ts";
import { reloadService, removeService, startService, stopService } from "./by-hand.ts";
import { cutOver } from "./cut-over.ts";
import { drain, nothingDrained, type Drained } from "./drain.ts";
import { messageOf } from "./error-code.ts";
import type { Service, World } from "./life.ts";
import { exclusively, joined } from "./lock.ts";
import { ownName } from "./release-name.ts";
import { stage } from "./stage.ts";
import { serviceStatus } from "./status.ts";
import { asCount, asRelease, asSpec, badRequest, isRecord } from "./validate.ts";
import { abandonCheck, verify } from "./verify.ts";

export type Body = Readonly<Record<string, unknown>>;

export type Route = (world: World, key: string, body: Body) => Promise<unknown>;

/** The verbs of one service, by their last path segment. */
export const routes: Readonly<Record<string, Route>> = {
  stage: stageRoute,
  check: checkRoute,
  switch: switchRoute,
  drain: drainRoute,
  start: startRoute,
  reload: reloadRoute,
  stop: stopRoute,
};

export function findService(world: World, key: string): Service {
  const service = world.services.get(key);
  if (service !== undefined) return service;
  throw new Problem({
    code: "SERVICE_UNKNOWN",
    what: `There is no service ${key} here.`,
    fix: "cutover list shows the services of this host.",
    exit: exits.refused,
  });
}

export async function removeRoute(world: World, key: string): Promise<DrainResult> {
  const service = findService(world, key);
  await abandonCheck(service);
  return await exclusively(service, "delete", () => removeService(service));
}

async function stageRoute(world: World, key: string, body: Body): Promise<ServiceStatus> {
  const spec = asSpec(body["spec"], key);
  const count = asCount(body["count"], "count");
  const given = asRelease(body["release"]);
  const service = findOrCreate(world, key);
  const release = ownName(service, given);
  const work = async (): Promise<Drained> => {
    try {
      await stage(service, { release, count, spec });
      return nothingDrained;
    } catch (error) {
      dropIfEmpty(service, release);
      throw error;
    }
  };
  await joined(service, "stage", `stage ${release} ${String(count)}`, work);
  return serviceStatus(service);
}

async function checkRoute(world: World, key: string, body: Body): Promise<ServiceStatus> {
  const service = findService(world, key);
  const release = ownName(service, asRelease(body["release"]));
  await joined(service, "check", `check ${release}`, async () => {
    await verify(service, release);
    return nothingDrained;
  });
  return serviceStatus(service);
}

async function switchRoute(world: World, key: string, body: Body): Promise<ServiceStatus> {
  const service = findService(world, key);
  const request = switchRequest(service, body);
  await joined(service, "switch", `switch ${JSON.stringify(request)}`, async () => {
    await cutOver(service, request);
    return nothingDrained;
  });
  return serviceStatus(service);
}

async function drainRoute(world: World, key: string, body: Body): Promise<DrainResult> {
  const service = findService(world, key);
  const request = switchRequest(service, body);
  await abandonCheck(service, request.release);
  const drained = await joined(service, "drain", `drain ${JSON.stringify(request)}`, () =>
    drain(service, request),
  );
  return { ...drained, status: serviceStatus(service) };
}

function startRoute(world: World, key: string, body: Body): Promise<unknown> {
  const spec = body["spec"] === undefined ? undefined : asSpec(body["spec"], key);
  const service = spec === undefined ? findService(world, key) : findOrCreate(world, key);
  return exclusively(service, "start", () => startService(service, spec));
}

function reloadRoute(world: World, key: string, body: Body): Promise<unknown> {
  const spec = body["spec"] === undefined ? undefined : asSpec(body["spec"], key);
  const service = findService(world, key);
  return exclusively(service, "reload", () => reloadService(service, spec));
}

function stopRoute(world: World, key: string): Promise<unknown> {
  const service = findService(world, key);
  return exclusively(service, "stop", () => stopService(service));
}

function switchRequest(service: Service, body: Body): { readonly release: string; readonly keep: number } {
  const release = ownName(service, asRelease(body["release"]));
  return { release, keep: asCount(body["keep"], "keep") };
}

function findOrCreate(world: World, key: string): Service {
  const found = world.services.get(key);
  if (found !== undefined) return found;
  const [app = "", name = ""] = key.split("/");
  const ids = [...world.services.values()].map((service) => service.record.id);
  return newService(world, {
    id: Math.max(-1, ...ids) + 1,
    app,
    name,
    state: "running",
    live: null,
    specs: {},
    counts: {},
    directories: {},
    learnedPorts: [],
    generation: 0,
    serial: 0,
    restarts: 0,
    shim: null,
    problem: null,
  });
}

/** A first stage that was refused leaves no trace. */
function dropIfEmpty(service: Service, release: string): void {
  const { record, instances, world } = service;
  if (instances.length > 0) return;
  if (release !== record.live) delete record.specs[release];
  if (record.live === null) world.services.delete(service.key);
}

/** Body of a request as an object. */
export function parseBody(text: string): Body {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(messageOf(error));
  }
  if (!isRecord(value)) throw badRequest("the body is not an object");
  return value;
}
