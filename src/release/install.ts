/** A build step that only fills a dependency directory. */
export interface InstallStep {
  /** Directory of its package.json inside the release; "." at the top. */
  readonly dir: string;
  readonly runsScripts: boolean;
}

const flags = String.raw`(?:\s+(?:--(?:omit|include|registry|cache|loglevel)[ =][\w:./@-]+|--?[a-zA-Z][\w:.=/@-]*))*`;
const verbs = String.raw`(?:npm\s+(?:ci|clean-install|install|i)|pnpm\s+(?:install|i)|yarn(?:\s+install)?)`;
const install = new RegExp(String.raw`^\s*(?:cd\s+([\w./-]+)\s*&&\s*)?(${verbs}${flags})\s*$`);
const installFirst = new RegExp(String.raw`^\s*(${verbs}${flags})\s*&&\s*(\S.*)$`, "s");

/**
 * null for anything else, above all for a step that does more: `npm install express` adds, `composer install` also
 * writes an autoloader of the application's own classes (and is quick when its directory is there).
 */
export function readInstallStep(line: string): InstallStep | null {
  const found = install.exec(line);
  const command = found?.[2];
  if (command === undefined || /\s(?:-g|--global|--prefix|-C|--dir|--cwd)\b/.test(command)) return null;
  return { dir: found?.[1] ?? ".", runsScripts: !command.includes("--ignore-scripts") };
}

/** "npm ci && npm run build" is two steps, of which the first may be skipped. */
export function splitSteps(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => {
    const found = installFirst.exec(line);
    return found?.[1] === undefined || found[2] === undefined
      ? [line]
      : [found[1], ...splitSteps([found[2]])];
  });
}

/** The project's own scripts that an install runs after filling the directory, in its order. */
export const installScripts = ["install", "postinstall", "preprepare", "prepare", "postprepare"] as const;
