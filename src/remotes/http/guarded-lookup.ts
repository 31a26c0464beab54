import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
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
