import { describe, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { remoteAddress } from '../../../src/remotes/list/remote-url.js';
import type { Settings } from '../../../src/repository/settings/settings.js';

const base = '/home/u/repo' as ByteString;
const settings = (insteadOf: Record<string, string[]> = {}): Settings =>
  ({
    subsections: (section: string) => (section === 'url' ? Object.keys(insteadOf) : []),
    getAll: (name: string) => insteadOf[name.replace(/^url\.(.*)\.insteadof$/, '$1')] ?? [],
  }) as unknown as Settings;
const read = (url: string, given = settings()) => remoteAddress(url as ByteString, given, base);

describe('remoteAddress', () => {
  it.each([
    ['/srv/a', '/srv/a'],
    ['../b', '/home/u/b'],
    ['./c/', '/home/u/repo/c'],
    ['file:///srv/d%20e', '/srv/d e'],
    ['file://localhost/srv/d', '/srv/d'],
    ['/with:colon', '/with:colon'],
    ['./a:b', '/home/u/repo/a:b'],
    ['file:///caf%C3%A9', '/caf\xc3\xa9'],
  ])('%s is the local path %s', (url, path) => {
    expect(read(url)).toEqual({ kind: 'local', path });
  });

  it.each([
    ['host:path', 'ssh'],
    ['user@host:/p', 'ssh'],
    ['ssh://host/p', 'ssh'],
    ['https://host/p', 'http'],
    ['annex+http://host/git-annex/', 'http'],
    ['git://host/p', 'other'],
    ['gcrypt::rsync://host/p', 'other'],
  ])('%s is %s', (url, kind) => {
    expect(read(url).kind).toBe(kind);
  });

  it('knows remotes without a url', () => {
    expect(remoteAddress(undefined, settings(), base)).toEqual({ kind: 'none' });
  });

  it('applies the longest insteadOf', () => {
    const given = settings({ '/mnt/': ['gh:'], '/mnt/special/': ['gh:me/'] });
    expect(read('gh:me/x', given)).toEqual({ kind: 'local', path: '/mnt/special/x' });
    expect(read('gh:you/x', given)).toEqual({ kind: 'local', path: '/mnt/you/x' });
  });
});
