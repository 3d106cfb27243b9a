const mostNames = 4;

/** "web1, web2"; "all 6 hosts"; of many "web1, web2, web3 and 8 more". In the order of `all`. */
export function nameHosts(hosts: readonly string[], all: readonly string[] = []): string {
  if (hosts.length > 2 && hosts.length === all.length) return `all ${hosts.length} hosts`;
  if (hosts.length <= mostNames) return inOrder(hosts, all).join(", ");
  return `${inOrder(hosts, all)
    .slice(0, mostNames - 1)
    .join(", ")} and ${hosts.length - mostNames + 1} more`;
}

/** Texts that are the same are told once, with the hosts they are true of. */
export function groupTexts(
  texts: readonly (readonly [host: string, text: string])[],
): readonly (readonly [hosts: readonly string[], text: string])[] {
  const groups = new Map<string, string[]>();
  for (const [host, text] of texts) groups.set(text, [...(groups.get(text) ?? []), host]);
  return [...groups].map(([text, hosts]) => [hosts, text]);
}

function inOrder(hosts: readonly string[], all: readonly string[]): readonly string[] {
  return all.length === 0 ? hosts : hosts.toSorted((one, other) => all.indexOf(one) - all.indexOf(other));
}
