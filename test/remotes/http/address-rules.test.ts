import { describe, expect, test } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { createAddressRules } from '../../../src/remotes/http/address-rules.js';

function rules(settings: { readonly [name: string]: string } = {}) {
  return createAddressRules({ get: (name) => settings[name] as ByteString | undefined });
}

const allowed = 'annex.security.allowed-ip-addresses';

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    '127.8.8.8',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'example.com',
    '',
  ])('%j is not connected to', (address) => expect(rules().allows(address, 80)).toBe(false));

  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:4700::1111'])(
    '%s is public',
    (address) => expect(rules().allows(address, 80)).toBe(true),
  );

  test('are opened by the settings, also by the one of old', () => {
    const some = rules({
      [allowed]: '127.0.0.1 [::1]:8080',
      'annex.security.allowed-http-addresses': '[10.0.0.1]',
    });
    expect(some.allows('127.0.0.1', 1)).toBe(true);
    expect(some.allows('127.0.0.2', 1)).toBe(false);
    expect(some.allows('::1', 8080)).toBe(true);
    expect(some.allows('::1', 80)).toBe(false);
    expect(some.allows('10.0.0.1', 80)).toBe(true);
    expect(some.allows('10.0.0.2', 80)).toBe(false);
    expect(rules({ [allowed]: 'all' }).allows('127.0.0.1', 80)).toBe(true);
    expect(rules({ [allowed]: 'nonsense [::1' }).allows('127.0.0.1', 80)).toBe(false);
  });
});
