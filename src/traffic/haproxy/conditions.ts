type Words = readonly string[];

/** The names that clients ask for where a rule's condition holds; empty: it always does. null: it looks at anything else. */
export function hostsAsked(condition: Words, lines: readonly Words[]): Words | null {
  const [kind, ...terms] = condition;
  if (kind === undefined) return [];
  if (kind !== "if") return null;
  const found = alternatives(terms).map((words) => hostsOf(words, lines));
  return found.some((hosts) => hosts === null) ? null : found.flatMap((hosts) => hosts ?? []);
}

function alternatives(terms: Words): readonly Words[] {
  const found: string[][] = [[]];
  for (const word of terms) {
    if (word === "or" || word === "||") found.push([]);
    else found.at(-1)?.push(word);
  }
  return found;
}

/** Of one condition: a test in braces, or the name of an acl, whose lines are alternatives. */
function hostsOf(words: Words, lines: readonly Words[]): Words | null {
  const [first = "", ...more] = words;
  if (first === "{") return more.indexOf("}") === more.length - 1 ? hostsTested(more.slice(0, -1)) : null;
  if (more.length > 0) return null;
  const tests = lines.filter(([kind, name]) => kind === "acl" && name === first);
  const found = tests.map(([, , ...test]) => hostsTested(test));
  return found.length === 0 || found.some((hosts) => hosts === null)
    ? null
    : found.flatMap((hosts) => hosts ?? []);
}

const tellsHost = /^((req\.)?hdr\(host\)(,lower|,field\(1,:\)|,host_only)*|ssl_fc_sni|req_ssl_sni)$/i;

function hostsTested([fetch = "", ...rest]: Words): Words | null {
  if (!tellsHost.test(fetch)) return null;
  const names = rest[0] === "-i" ? rest.slice(1) : rest;
  const plain = names.map((name) => name.replace(/:\d+$/, ""));
  return plain.length > 0 && plain.every((name) => /^[a-z\d][a-z\d.-]*$/i.test(name)) ? plain : null;
}
