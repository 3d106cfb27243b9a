import { Problem, isProblem } from "../../problem.ts";

interface Named {
  readonly app: string;
  readonly name: string;
}

/** How a service is called on the screen: "api" when started by hand, "shop/web" when it belongs to an app. */
export function labelOf({ app, name }: Named): string {
  return app === name ? name : keyOf({ app, name });
}

/** Its address at the supervisor. */
export function keyOf({ app, name }: Named): string {
  return `${app}/${name}`;
}

/** Does the work; a Problem that speaks of "api/api" is thrown as one that speaks of "api". */
export async function asLabelled<Result>(service: Named, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isProblem(error) ? relabelled(error, service) : error;
  }
}

function relabelled(problem: Problem, service: Named): Problem {
  // Not where it is part of a path.
  const literal = keyOf(service).replaceAll(".", String.raw`\.`);
  const key = new RegExp(String.raw`(?<![\w/.-])${literal}(?![\w/-])`, "g");
  const { detail } = problem;
  const told = (text: string | undefined): string | undefined => text?.replaceAll(key, labelOf(service));
  const { what, why, fix, state } = detail;
  return new Problem(
    { ...detail, what: told(what) ?? what, why: told(why), fix: told(fix), state: told(state) },
    { cause: problem.cause },
  );
}
