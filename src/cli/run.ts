import { exits, isProblem, type Exit, type ProblemDetail } from "../problem.ts";
import { fileProblem, hasCode } from "../release/file-problem.ts";
import { parseArguments, splitCommand, unknownCommand, type ParsedArguments } from "./arguments.ts";
import { aliases, commandNames, findCommand } from "./catalog.ts";
import type { Command, GlobalFlags } from "./command.ts";
import { openSession, type Session } from "./io.ts";
import { cutoverVersion } from "./version.ts";

type Leave = (exit: Exit) => void;

/** Runs one command line; everything that can go wrong ends in one rendered problem and an exit code. */
export async function run(argv: readonly string[], leave: Leave): Promise<void> {
  const early = earlyGlobals(argv);
  let session: Session | undefined;
  const end = async (exit: Exit, problem?: ProblemDetail): Promise<void> => {
    session ??= await openSession(early, () => leave(exit));
    session.presenter.finish({ exit, problem: problem && withKnownState(problem, exit), data: session.data });
    leave(exit);
  };
  const fail = (error: unknown): Promise<void> => {
    const problem = isProblem(error) ? error.detail : (diskDetail(error) ?? bugDetail(error, early.verbose));
    return end(problem.exit ?? exits.failedOldServes, problem);
  };
  // What a timer or a listener throws has no caller left who could tell it.
  process.once("uncaughtException", (error: unknown) => void fail(error));
  try {
    const call = await resolve(argv);
    session = await openSession(call.global, () => leave(exits.done), call.command.isForPrograms);
    await end(await call.command.run(call, session.io));
  } catch (error) {
    await fail(error);
  }
}

/** With usage errors and refusals nothing was touched, which is the state. */
function withKnownState(problem: ProblemDetail, exit: Exit): ProblemDetail {
  const isUntouched = exit === exits.usage || exit === exits.refused;
  return problem.state === undefined && isUntouched ? { ...problem, state: "Nothing was changed." } : problem;
}

interface Call extends ParsedArguments {
  readonly command: Command;
}

async function resolve(argv: readonly string[]): Promise<Call> {
  const { name: typed, before, after } = splitCommand(argv);
  if (typed === undefined) {
    const wantsVersion = before.some((argument) => argument === "--version" || argument === "-v");
    const flags = before.filter(
      (argument) => argument !== "--version" && argument !== "-v" && !isHelp(argument),
    );
    return call(wantsVersion ? "version" : "help", flags);
  }
  const alias = Object.hasOwn(aliases, typed) ? aliases[typed] : undefined;
  const [name = typed, ...words] = alias ?? [typed];
  return call(name, [...words, ...before, ...after], typed);
}

async function call(name: string, argv: readonly string[], typed: string = name): Promise<Call> {
  const load = findCommand(name);
  if (load === undefined) {
    throw unknownCommand(typed, [...commandNames(), ...Object.keys(aliases)]);
  }
  const { command } = await load();
  const parsed = parseArguments(name, command, argv);
  if (parsed.help && name !== "help") {
    const help = (await findCommand("help")?.())?.command ?? command;
    return { ...parsed, command: help, positionals: [name] };
  }
  return { ...parsed, command };
}

function isHelp(argument: string): boolean {
  return argument === "--help" || argument === "-h";
}

/** The flags that shape an error report, read before the strict parse that may be what fails. */
function earlyGlobals(argv: readonly string[]): GlobalFlags {
  const dashes = argv.indexOf("--");
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  return {
    config: undefined,
    stage: undefined,
    json: own.includes("--json"),
    yes: false,
    verbose: own.includes("--verbose"),
  };
}

/** A disk that is full or read-only can refuse any write, and is never a bug. */
function diskDetail(error: unknown): ProblemDetail | undefined {
  if (!hasCode(error, "ENOSPC", "EDQUOT", "EROFS")) return undefined;
  const problem = fileProblem(error, "write what it has to remember");
  const state = 'What took traffic goes on; "cutover status" shows it.';
  return isProblem(problem) ? { ...problem.detail, state, exit: exits.refused } : undefined;
}

function bugDetail(error: unknown, isVerbose: boolean): ProblemDetail {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  return {
    code: "BUG",
    what: `This is a bug in cutover, not in what you asked for: ${message.split("\n")[0]}`,
    why: `cutover ${cutoverVersion()}, Node ${process.version}`,
    evidence: isVerbose ? [stack] : undefined,
    fix: isVerbose
      ? 'Report it with the lines above, "cutover version" and what you ran.'
      : "Run the same command with --verbose and report what it prints.",
    state: 'Unknown to this command; "cutover status" shows it.',
    exit: exits.bug,
  };
}
