import { describe, expect, it } from 'vitest';
import { directoryOf, limitsOf } from '../../src/shell/limits.js';
import { keysOf, parseRequest } from '../../src/shell/request.js';

const KEY = 'SHA256E-s6--x';

describe('a request', () => {
  it('is read from a line as ssh passes it on', () => {
    const request = parseRequest([
      '-c',
      "git-annex-shell 'p2pstdio' '/a dir/it'\\''s' 'CLIENT' --uuid SERVER",
    ]);
    expect(request).toMatchObject({
      command: 'p2pstdio',
      operands: ["/a dir/it's", 'CLIENT'],
      uuid: 'SERVER',
    });
  });

  it.each([
    [['-c', "git-annex-ts-shell 'configlist' '/d'"]],
    [['-c', "/usr/bin/git-annex-shell 'configlist' '/d'"]],
    [["configlist '/d'"]],
    [['configlist', '/d']],
    [['-c', 'configlist', '/d']],
  ])('has the same meaning as %j', (argv) => {
    expect(parseRequest(argv)).toMatchObject({ command: 'configlist', operands: ['/d'] });
  });

  it('has fields between two dashes, and behind them words that mean nothing', () => {
    const words = [
      'recvkey',
      '/d',
      KEY,
      '--uuid=U',
      '--',
      'remoteuuid=R',
      'associatedfile=a=b',
      'direct',
      '--',
    ];
    const request = parseRequest([...words, 'dummy', 'rsync', '--server', '--force', '.']);
    expect(request).toMatchObject({ command: 'recvkey', operands: ['/d', KEY], uuid: 'U', force: false });
    expect([...request.fields]).toEqual([
      ['remoteuuid', 'R'],
      ['associatedfile', 'a=b'],
      ['direct', ''],
    ]);
    expect(keysOf(request)).toEqual([KEY]);
  });

  it('of git is passed on as it came', () => {
    expect(parseRequest(['-c', "git-upload-pack '/d/it'\\''s'"]).line).toBe("git-upload-pack '/d/it'\\''s'");
    expect(parseRequest(['-c', "git-annex-shell git-upload-pack '/d'"]).line).toBe("'git-upload-pack' '/d'");
  });

  it.each([[[]], [['-c', '']], [['-c', "configlist '/d"]], [['-c', 'configlist \\']]])(
    'is not %j',
    (argv) => {
      expect(() => parseRequest(argv)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  it.each(['nokey', '', 'SHA256E-s1--a\nb'])('has no key %j', (word) => {
    expect(() => keysOf(parseRequest(['inannex', '/d', word]))).toThrow('bad key');
  });
});

describe('the limits of the environment', () => {
  const blocked = (env: Record<string, string>, does: 'read' | 'add' | 'remove') => {
    try {
      limitsOf(env).checkAction(does);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('let everything be done when none is set, or set to nothing', () => {
    for (const env of [{}, { GIT_ANNEX_SHELL_READONLY: '', GIT_ANNEX_SHELL_APPENDONLY: '' }]) {
      expect(limitsOf(env)).toMatchObject({ access: 'all', limited: false });
      for (const does of ['read', 'add', 'remove'] as const) expect(blocked(env, does)).toBeUndefined();
    }
  });

  it('hold whatever they are set to, the stricter one first', () => {
    const readOnly = { GIT_ANNEX_SHELL_READONLY: 'false', GIT_ANNEX_SHELL_APPENDONLY: '1' };
    expect(blocked(readOnly, 'read')).toBeUndefined();
    expect(blocked(readOnly, 'add')).toBe('Action blocked by GIT_ANNEX_SHELL_READONLY');
    expect(blocked(readOnly, 'remove')).toBe('Action blocked by GIT_ANNEX_SHELL_READONLY');
    const append = { GIT_ANNEX_SHELL_APPENDONLY: '0' };
    expect(blocked(append, 'add')).toBeUndefined();
    expect(blocked(append, 'remove')).toBe('Action blocked by GIT_ANNEX_SHELL_APPENDONLY');
    expect(limitsOf({ GIT_ANNEX_SHELL_LIMITED: 'no' }).limited).toBe(true);
  });

  it('allow one directory, under all of its names, and no other', () => {
    const { checkDirectory } = limitsOf({ GIT_ANNEX_SHELL_DIRECTORY: '/usr/bin/' });
    for (const name of ['/usr/bin', '/usr/bin/../bin', '/usr//bin/.']) checkDirectory(directoryOf(name));
    for (const name of ['/usr', '/usr/bin/..', '/usr/bin2', 'bin', '/usr/bin/sub'])
      expect(() => checkDirectory(directoryOf(name))).toThrow('Only allowed to access /usr/bin/');
  });
});

it('a directory is below the home directory, of this or another user, or absolute', () => {
  const home = directoryOf('/~');
  expect(directoryOf('a/b')).toBe(`${home}/a/b`);
  expect(directoryOf('/~/a')).toBe(`${home}/a`);
  expect(directoryOf('/srv/a')).toBe('/srv/a');
  expect(directoryOf('/~root/a')).toMatch(/^\/.*\/a$/);
  for (const user of ['/~no such user/a', '/~-x/a', '/~$(id)/a'])
    expect(() => directoryOf(user)).toThrow('there is no user');
});
