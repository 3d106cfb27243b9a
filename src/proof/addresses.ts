import dns from "node:dns";
import net from "node:net";

/**
 * Asks the resolver anew for each connection and takes its addresses in turn, so that every one of them is tried and none
 * stands in for another. undefined where there is nothing to resolve, and for localhost, which has an address per family.
 * `at`: a host whose addresses are taken in place of those of the name.
 */
export function addressesInTurn(url: URL, at?: string): net.LookupFunction | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (at === undefined && (net.isIP(host) !== 0 || host === "localhost")) return undefined;
  let turn = 0;
  return (hostname, _options, resolved) => {
    dns.lookup(at ?? hostname, { all: true }, (error, addresses) => {
      const next = addresses?.[turn++ % addresses.length];
      if (error !== null || next === undefined)
        resolved(error ?? new Error(`no address for ${at ?? hostname}`), "", 0);
      else resolved(null, next.address, next.family);
    });
  };
}

/** For connections that may take any address that answers: undefined leaves that to Node. */
export function anyAddress(url: URL, at: string | undefined): net.LookupFunction | undefined {
  return at === undefined ? undefined : addressesInTurn(url, at);
}
