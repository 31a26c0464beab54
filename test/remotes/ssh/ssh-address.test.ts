import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import { ascii } from '../../../src/lib/bytes.js';
import { parseSshAddress, sshDestination } from '../../../src/remotes/ssh/ssh-address.js';

const read = (url: string) => {
  const address = parseSshAddress(ascii(url));
  return [sshDestination(address), address.port, address.path];
};

describe('parseSshAddress', () => {
  // What `git annex info` asked of ssh for the same urls, but for the bracketed address with a user, which it refuses.
  it.each([
    ['ssh://root@127.0.0.1:2299/srv/a', 'root@127.0.0.1', 2299, '/srv/a'],
    ['ssh://host/~/x', 'host', undefined, '/~/x'],
    ['ssh://host/~root/x', 'host', undefined, '/~root/x'],
    ['ssh://host', 'host', undefined, '/'],
    ['ssh://root@[::1]:2299/x/y', 'root@::1', 2299, '/x/y'],
    ['ssh://host/tmp/a%20b', 'host', undefined, '/tmp/a b'],
    ["me@host:/tmp/a%20b c'd", 'me@host', undefined, "/tmp/a%20b c'd"],
    ['me@host:x/y', 'me@host', undefined, '/~/x/y'],
    ['host:~me/y', 'host', undefined, '/~me/y'],
    ['[::1]:x/y', '::1', undefined, '/~/x/y'],
    ['me@[::1]:/x/y', 'me@::1', undefined, '/x/y'],
    ['[host:2299]:/x', 'host', 2299, '/x'],
    ['ssh://me:secret@host/x', 'me@host', undefined, '/x'],
  ])('%s', (url, destination, port, path) => {
    expect(read(url)).toEqual([destination, port, path]);
  });

  it.each([
    'ssh://-oProxyCommand=x/y',
    '-oProxyCommand=x:y',
    'ssh://-x@host/y',
    'ssh://$(x)/y',
    'ssh://a`b`@h/y',
    'ssh://host:99999/x',
    'ssh:///x',
    'ssh://a b/x',
  ])('refuses %s', (url) => {
    expect(() => read(url)).toThrow(AnnexError);
  });

  it('never gives ssh a word that it could take for an option, and shows no password', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary-ascii' }),
        fc.constantFrom('ssh://', 'git+ssh://', ''),
        (rest, scheme) => {
          try {
            const [destination] = read(scheme + rest);
            expect(destination).not.toMatch(/^-|[\0-\x20]/);
          } catch (error) {
            expect(error).toBeInstanceOf(AnnexError);
          }
        },
      ),
    );
    expect(() => read('ssh://me:secret@-x/')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});
