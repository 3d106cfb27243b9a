import { Problem, withState } from "../../problem.ts";
import type { Instance, Service } from "./life.ts";
import { checkEnded } from "./lock.ts";
import { closePorts } from "./ports.ts";
import { retire } from "./retire.ts";
import { setServiceState } from "./service-state.ts";
import { ofRelease } from "./stage.ts";

/** Waits until every instance of the release is checked; when one fails, all that did not yet take traffic are removed. */
export async function verify(service: Service, release: string): Promise<void> {
  const staged = ofRelease(service, release).filter((one) => !one.record.wanted);
  if (ofRelease(service, release).length === 0) throw notStaged(service, release);
  const problem = await firstProblem(staged);
  if (problem === null) return;
  await removeStaged(service, release);
  if (service.instances.length === 0) {
    // An open port that nobody answers would keep its clients waiting.
    closePorts(service);
    setServiceState(service, "stopped", "its only release failed its checks");
    await service.world.save();
  }
  throw withState(problem, presentState(service));
}

export function notStaged(service: Service, release: string): Problem {
  return new Problem({
    code: "NOT_STAGED",
    what: `${service.key} has no instances of release ${release}.`,
    fix: "Stage the release first.",
    state: presentState(service),
  });
}

/** Ends the instances of a release that never took traffic. */
export async function removeStaged(service: Service, release: string): Promise<void> {
  // Those that are being stopped because they failed, too: they would stay in the list.
  const staged = service.instances.filter(
    ({ record }) => record.release === release && !record.wanted && record.state !== "parked",
  );
  await Promise.all(staged.map((instance) => retire(service, instance)));
}

/** Whoever takes a release back does not wait until its instances have missed their deadline. */
export async function abandonCheck(service: Service, keep?: string): Promise<void> {
  if (service.busy?.verb !== "check") return;
  const unwanted = service.instances.filter(
    ({ record }) => record.state === "starting" && !record.wanted && record.release !== keep,
  );
  if (unwanted.length === 0) return;
  await Promise.all(unwanted.map((instance) => retire(service, instance)));
  await checkEnded(service);
}

/** "Release g1 still serves with 2 instances." */
export function presentState(service: Service): string {
  const { live } = service.record;
  const serving = service.instances.filter(
    (one) => one.record.release === live && one.record.state === "open",
  );
  if (live === null || serving.length === 0)
    return `${service.key} does not serve; nothing else was changed.`;
  const count = serving.length === 1 ? "1 instance" : `${String(serving.length)} instances`;
  return `Release ${live} still serves with ${count}.`;
}

/** Does not wait for the others once one has failed. */
function firstProblem(instances: readonly Instance[]): Promise<Problem | null> {
  return new Promise((resolve, reject) => {
    const checks = instances.map(async ({ checked }) => {
      const problem = await checked;
      if (problem !== null) resolve(problem);
    });
    Promise.all(checks).then(() => resolve(null), reject);
  });
}
