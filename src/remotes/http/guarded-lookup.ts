import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressRules, addressRefused } from './address-rules.js';

/**
 * Resolves host names for connections to a port, leaving out addresses that may not be connected to: they are checked at the
 * moment of connecting, so that a name server that changes its mind gains nothing.
 */
export function createGuardedLookup(rules: AddressRules, port: number): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupAllOptions = { ...options, all: true };
    systemLookup(hostname, all, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => rules.allows(address, port));
      const first = allowed[0];
      if (first === undefined) refuse(callback, addresses);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refuse(callback: Parameters<LookupFunction>[2], addresses: readonly LookupAddress[]): void {
  callback(addressRefused(addresses[0]?.address ?? '?') as Error as NodeJS.ErrnoException, []);
}

/** Whether there is an address of the host that may be connected to. A name that is not known here counts as one that has. */
export function isReachable(
  rules: AddressRules,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<boolean> {
  if (isIP(host) !== 0) return Promise.resolve(rules.allows(host, port));
  return new Promise((resolve) => {
    systemLookup(host, { all: true }, (error, addresses) => {
      resolve(error !== null || addresses.some(({ address }) => rules.allows(address, port)));
    });
  });
}
