import { BlockList, isIP } from 'node:net';
import { AnnexError } from '../../domain/errors.js';
import { splitWords } from '../../lib/words.js';
import type { Settings } from '../../repository/settings/settings.js';

/** Which addresses may be connected to (`annex.security.allowed-ip-addresses`). */
export interface AddressRules {
  /** @param address an IP address in text */
  allows(address: string, port: number): boolean;
}

/** Networks that are not public: loopback, private, link-local, multicast, reserved, and ways from IPv6 to IPv4. */
const closed = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  closed.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  closed.addSubnet(network, prefix, 'ipv6');
}

/**
 * The rules of a repository: public addresses, and what the settings list: `ADDRESS`, `[ADDRESS]:PORT` or `all`. The older
 * name of the setting, `allowed-http-addresses`, counts too.
 */
export function createAddressRules(settings: Pick<Settings, 'get'>): AddressRules {
  const listed = ['allowed-ip-addresses', 'allowed-http-addresses'].flatMap((name) =>
    splitWords(settings.get(`annex.security.${name}`) ?? ('' as never)),
  );
  if (listed.includes('all' as never)) return { allows: () => true };
  const open = new BlockList();
  const openPorts = new Map<number, BlockList>();
  for (const word of listed) {
    const withPort = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(word);
    const address = withPort?.[1] ?? word;
    const family = familyOf(address);
    if (family === undefined) continue;
    if (withPort?.[2] === undefined) open.addAddress(address, family);
    else listFor(openPorts, Number(withPort[2])).addAddress(address, family);
  }
  return {
    allows(address, port) {
      const plain = address.replace(/%.*$/, '');
      const family = familyOf(plain);
      if (family === undefined) return false;
      if (open.check(plain, family) || openPorts.get(port)?.check(plain, family) === true) return true;
      return !closed.check(plain, family);
    },
  };
}

/** Why an address is not connected to, worded as git-annex does. */
export function addressRefused(address: string): AnnexError {
  return new AnnexError(
    'permission',
    `Configuration of annex.security.allowed-ip-addresses does not allow accessing address ${address}`,
    { hint: 'Addresses of this machine and of private networks have to be listed there.' },
  );
}

function listFor(lists: Map<number, BlockList>, port: number): BlockList {
  const list = lists.get(port) ?? new BlockList();
  lists.set(port, list);
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address);
  return family === 4 ? 'ipv4' : family === 6 ? 'ipv6' : undefined;
}
