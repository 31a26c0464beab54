import { describe, expect, test } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import type { GitResult, GitRunOptions } from '../../../src/repository/git/git.js';
import {
  basicAuthorization,
  createGitCredentials,
  credentialUrl,
  parseCredential,
} from '../../../src/remotes/http/git-credentials.js';

const bytes = (text: string) => text as ByteString;

function fakeGit(passwords: readonly string[]) {
  const calls: string[] = [];
  const left = [...passwords];
  const run = async (args: readonly string[], options?: GitRunOptions): Promise<GitResult> => {
    calls.push(
      `${args[1]} ${options?.input
        ?.split('\n')
        .filter((line) => line !== '')
        .join(' ')}`,
    );
    const password = args[1] === 'fill' ? left.shift() : '';
    const stdout = bytes(
      args[1] === 'fill' ? `protocol=http\nhost=h\nusername=u\npassword=${password}\n` : '',
    );
    return { exitCode: password === undefined ? 128 : 0, stdout, stderr: '' };
  };
  return { calls, run };
}

describe('git credentials', () => {
  test('are asked for once, and given back', async () => {
    const git = fakeGit(['one', 'two']);
    const credentials = createGitCredentials(git, bytes('http://h/x'));
    expect(credentials.known()).toBeUndefined();
    const [first, same] = await Promise.all([credentials.get(), credentials.get()]);
    expect(first).toBe(same);
    expect(basicAuthorization(first)).toBe(`Basic ${btoa('u:one')}`);
    await credentials.reject(first);
    const second = await credentials.get(first);
    expect(second.password).toBe('two');
    await credentials.approve(second);
    await credentials.approve(second);
    expect(git.calls).toEqual([
      'fill url=http://h/x',
      'reject protocol=http host=h username=u password=one',
      'fill url=http://h/x',
      'approve protocol=http host=h username=u password=two',
    ]);
    await expect(credentials.get(second)).rejects.toMatchObject({ code: 'permission' });
  });

  test('are those of git where the host is the same', () => {
    const annex = bytes('annex+http://h:9417/git-annex/');
    expect(credentialUrl(bytes('http://h/x'), annex)).toBe('http://h/x');
    expect(credentialUrl(bytes('https://h/x'), bytes('annex+https://u@h/'))).toBe('https://u@h/x');
    expect(credentialUrl(bytes('http://o@h/x'), bytes('annex+https://u:p@h/'))).toBe('http://u:p@h/x');
    expect(credentialUrl(bytes('http://other/x'), annex)).toBe(annex);
    expect(credentialUrl(bytes('ssh://h/x'), annex)).toBe(annex);
    expect(credentialUrl(undefined, annex)).toBe(annex);
    // A password for https is not to be sent in the clear.
    expect(credentialUrl(bytes('https://h/x'), annex)).toBe(annex);
  });

  test('are nothing without a name and a password', () => {
    expect(parseCredential(bytes('username=a\n'))).toBeUndefined();
    expect(parseCredential(bytes('password=a\nusername=b=c\n'))).toMatchObject({
      username: 'b=c',
      password: 'a',
    });
  });
});
