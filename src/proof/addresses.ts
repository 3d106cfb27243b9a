import dns from "node:dns";
import net from "node:net";

/**
 * Asks the resolver anew for each connection and takes its addresses in turn, so that every one of them is tried and none
 * stands in for another. undefined where there is nothing to resolve, and for localhost, which has an address per family.
 */
export function addressesInTurn(url: URL): net.LookupFunction | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (net.isIP(host) !== 0 || host === "localhost") return undefined;
  let turn = 0;
  return (hostname, _options, resolved) => {
    dns.lookup(hostname, { all: true }, (error, addresses) => {
      const next = addresses?.[turn++ % addresses.length];
      if (error !== null || next === undefined)
        resolved(error ?? new Error(`no address for ${hostname}`), "", 0);
      else resolved(null, next.address, next.family);
    });
  };
}
