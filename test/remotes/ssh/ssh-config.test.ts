import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { allowedAlgorithms, beyondUs, configPath } from '../../../src/remotes/ssh/in-process.js';
import { hostName, judgeHostKey, keyType, parseKnownHosts } from '../../../src/remotes/ssh/known-hosts.js';
import { parseSshConfig } from '../../../src/remotes/ssh/ssh-config.js';

const config = (...lines: string[]) => parseSshConfig(lines.join('\n') as ByteString);
const usual = [
  'user me',
  'hostname host.example.com',
  'port 2222',
  'proxycommand none',
  'permitlocalcommand no',
  'kexalgorithms sntrup761x25519-sha512,curve25519-sha256',
  'ciphers chacha20-poly1305@openssh.com,aes128-gcm@openssh.com',
  'hostkeyalgorithms ssh-ed25519,rsa-sha2-512',
];

describe('what the library may do for the user', () => {
  it('is told by the config', () => {
    expect(beyondUs(config(...usual))).toBeUndefined();
    for (const line of [
      'proxyjump gate',
      'proxycommand nc %h %p',
      'pkcs11provider /lib/x.so',
      'certificatefile ~/.ssh/c',
      'controlpath /tmp/x',
      'remotecommand sh',
      'verifyhostkeydns ask',
    ])
      expect(
        beyondUs(config(...usual.filter((one) => !line.startsWith(one.split(' ')[0] ?? '')), line)),
      ).toBe(line.split(' ')[0]);
    expect(beyondUs(config(...usual.slice(0, 5), 'ciphers 3des-cbc'))).toBe('algorithms');
  });

  it('is within the algorithms that the user allows', () => {
    const { kex, cipher, serverHostKey } = allowedAlgorithms(config(...usual));
    expect(kex).toEqual(['curve25519-sha256']);
    expect(cipher).toEqual(['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com']);
    expect(serverHostKey).toEqual(['ssh-ed25519', 'rsa-sha2-512']);
  });

  it('fills in paths as ssh does, and leaves what it does not know', () => {
    const fill = (path: string) =>
      configPath(ascii(path), config(...usual), ascii('/home/$&'), ascii('local'));
    expect(fill('~/.ssh/%r@%h:%p-%u%%')).toBe('/home/$&/.ssh/me@host.example.com:2222-local%');
    expect(fill('~other/x')).toBeUndefined();
    expect(fill('/x/%k')).toBeUndefined();
    expect(fill('/x/${HOME}')).toBeUndefined();
  });
});

describe('known hosts', () => {
  const blob = (type: string, rest: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(type.length);
    return Buffer.concat([length, Buffer.from(type + rest)]);
  };
  const ours = blob('ssh-ed25519', 'ours');
  const line = (key: Buffer, marker = '') =>
    `${marker}host ${keyType(key)} ${key.toString('base64')} comment`;
  const judge = (...lines: string[]) =>
    judgeHostKey(
      parseKnownHosts(['# Host host found: line 1', ...lines].join('\n') as ByteString, ascii('f')),
      ours,
    );

  it('judge a key', () => {
    expect(judge()).toBe('unknown');
    expect(judge(line(blob('ssh-rsa', 'other')))).toBe('unknown');
    expect(judge(line(blob('ssh-ed25519', 'other')))).toBe('changed');
    expect(judge(line(blob('ssh-ed25519', 'other')), line(ours))).toBe('known');
    expect(judge(line(ours), line(ours, '@revoked '))).toBe('revoked');
    expect(judge(line(ours, '@cert-authority '))).toBe('unknown');
    expect(hostName(ascii('Host'), 22)).toBe('host');
    expect(hostName(ascii('::1'), 2222)).toBe('[::1]:2222');
  });

  it('take any bytes for a key and for a file', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ unit: 'binary-ascii' }), (bytes, text) => {
        const key = Buffer.from(bytes);
        expect(keyType(key).length).toBeLessThanOrEqual(64);
        if (key.length > 0)
          expect(judgeHostKey(parseKnownHosts(text as ByteString, ascii('f')), key)).not.toBe('known');
      }),
    );
  });
});
