import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { maskCredentials } from '../../../src/repository/git/environment.js';
import type { Git } from '../../../src/repository/git/git.js';
import { openGit } from '../../../src/repository/git/open-git.js';
import {
  git as run,
  locationOf,
  newFolder,
  newRepository,
  output,
  removeFolder,
} from './temporary-repository.js';

const b = (text: string): ByteString => text as ByteString;
let folder: string;
let git: Git;

beforeEach(() => {
  folder = newFolder();
  git = openGit(newRepository(folder));
});
afterEach(async () => {
  await git.close();
  removeFolder(folder);
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise((resolve) => setImmediate(resolve));
    yield item;
  }
}

describe('objects', () => {
  it('are read from a git that does not know how to gather answers, too', async () => {
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const old = join(folder, 'old');
    mkdirSync(old);
    const script = `#!/bin/sh\ncase "$*" in *--batch-command*) echo usage >&2; exit 129;; esac\nexec ${real} "$@"\n`;
    writeFileSync(join(old, 'git'), script, { mode: 0o755 });
    const shas = ['one', 'two', 'three'].map((text) =>
      output(folder, 'git', ['hash-object', '-w', '--stdin'], {}, text).trim(),
    );
    vi.stubEnv('PATH', `${old}:${process.env.PATH}`);
    const contents = async () => (await all(git.objects(shas.map(b)))).map((object) => object?.content);
    expect(await contents()).toEqual(['one', 'two', 'three']);
    expect(await contents()).toEqual(['one', 'two', 'three']);
    expect((await git.object(b(shas[1] as string)))?.content).toBe('two');
    vi.unstubAllEnvs();
  });

  it('writes blobs that git reads back, of any bytes and size', async () => {
    const contents = [
      '',
      'a',
      '\0\n\xff',
      'x'.repeat(255),
      'y'.repeat(256),
      'z'.repeat(257),
      'long\n'.repeat(100_000),
    ];
    for (const content of contents) {
      const sha = await git.writeBlob(b(content));
      expect(sha).toBe(output(folder, 'git', ['hash-object', '--stdin'], {}, content).trim());
      expect(output(folder, 'git', ['cat-file', 'blob', sha])).toBe(content);
      expect(await git.object(sha)).toEqual({ sha, type: 'blob', content });
    }
    run(folder, 'fsck', '--strict');
  });

  it('writes many objects as one pack', async () => {
    const list = Array.from({ length: 500 }, (_, i) => ({
      type: 'blob' as const,
      content: b(`${i}\n`.repeat(i)),
    }));
    const shas = await git.writeObjects(list);
    expect(run(folder, 'count-objects', '-v')).toMatch(/^count: 0\n[\s\S]*^packs: 1$/m);
    expect((await all(git.objects(shas))).map((object) => object?.content)).toEqual(
      list.map(({ content }) => content),
    );
    run(folder, 'fsck', '--strict');
  });

  it('keeps to git where objects have other names or other permissions', async () => {
    const sha256 = newFolder();
    const shared = newFolder();
    try {
      const one = openGit(newRepository(sha256, '--object-format=sha256'));
      const sha = await one.writeBlob(b('text'));
      expect(run(sha256, 'cat-file', 'blob', sha)).toBe('text');
      expect((await one.object(sha))?.content).toBe('text');
      await one.close();
      const two = openGit(newRepository(shared, '--shared=group'));
      expect(run(shared, 'cat-file', 'blob', await two.writeBlob(b('text')))).toBe('text');
      await two.close();
    } finally {
      removeFolder(sha256);
      removeFolder(shared);
    }
  });

  it('answers in order, also for what is missing, ambiguous, or has a newline in its name', async () => {
    writeFileSync(`${folder}/odd\nname`, 'odd');
    writeFileSync(`${folder}/a b`, 'spaced');
    run(folder, 'add', '.');
    run(folder, 'commit', '-qm', 'one');
    const names = [
      'HEAD:a b',
      'HEAD:nothing',
      'nothing at all',
      '',
      'HEAD:odd\nname',
      'HEAD:odd\nnothing',
      'a\0b',
      'HEAD^{tree}',
    ];
    const expected = ['spaced', undefined, undefined, undefined, 'odd', undefined, undefined];
    for (const source of [names.map(b), later(names.map(b))]) {
      const found = await all(git.objects(source));
      expect(found.slice(0, -1).map((object) => object?.content)).toEqual(expected);
      expect(found.at(-1)?.type).toBe('tree');
    }
    const infos = await all(git.objectInfo(names.map(b)));
    expect(infos.map((info) => info?.size)).toEqual([
      6,
      undefined,
      undefined,
      undefined,
      3,
      undefined,
      undefined,
      expect.any(Number),
    ]);
  });

  it('reads many large objects while the consumer reads others in between', async () => {
    const large = b('0123456789abcdef'.repeat(1 << 16));
    const shas: ByteString[] = [];
    for (let i = 0; i < 40; i++) shas.push(await git.writeBlob(b(`${i} ${large}`)));
    let seen = 0;
    for await (const object of git.objects(shas)) {
      expect(object?.content).toBe(`${seen} ${large}`);
      expect((await git.object(shas[39 - seen] as ByteString))?.content.length).toBeGreaterThan(1 << 20);
      for await (const inner of git.objects([shas[seen] as ByteString])) expect(inner?.sha).toBe(object?.sha);
      seen++;
    }
    expect(seen).toBe(40);
  });

  it('goes on after a consumer that stopped early, and after its child died', async () => {
    const shas = await git.writeObjects(
      Array.from({ length: 300 }, (_, i) => ({ type: 'blob' as const, content: b(`${i}`) })),
    );
    for await (const _ of git.objects(shas)) break;
    expect((await all(git.objects(shas))).length).toBe(300);
    expect((await git.object(shas[7] as ByteString))?.content).toBe('7');
    await git.close();
    expect((await git.object(shas[8] as ByteString))?.content).toBe('8');
  });
});

describe('paths of any bytes', () => {
  const paths = [
    'plain',
    '-dash',
    'new\nline',
    'quo"te',
    'caf\xe9 latin1',
    'caf\xc3\xa9',
    '*',
    'dir/x',
    '\xff\xfe',
  ].map(b);

  it('are staged, listed and found again', async () => {
    const sha = await git.writeBlob(b('content'));
    await git.stage(paths.map((path) => ({ mode: b('100644'), sha, path })));
    const listed = await all(git.index([]));
    expect(listed.map(({ path }) => path).sort()).toEqual([...paths].sort());
    for (const path of paths) {
      expect(await all(git.index([path]))).toEqual([{ mode: '100644', sha, stage: 0, path }]);
    }
    const treeSha = b((await git.run(['write-tree'])).stdout.trim());
    expect((await all(git.tree(treeSha))).map(({ path }) => path).sort()).toEqual([...paths].sort());
    expect(await all(git.tree(treeSha, [b('caf\xe9 latin1')]))).toEqual([
      { mode: '100644', sha, path: 'caf\xe9 latin1' },
    ]);
    await git.stage([{ mode: b('0'), sha, path: b('new\nline') }]);
    expect((await all(git.index([]))).length).toBe(paths.length - 1);
  });

  it('get their attributes', async () => {
    writeFileSync(
      `${folder}/.gitattributes`,
      '* annex.backend=SHA1\ndir/* annex.backend=MD5\nplain !annex.backend\n',
    );
    const found = await all(git.attribute('annex.backend', paths));
    expect(found).toEqual(
      paths.map((path) => (path === 'plain' ? undefined : path === 'dir/x' ? 'MD5' : 'SHA1')),
    );
    expect(await all(git.attribute('annex.backend', later([b('plain'), b('dir/y')])))).toEqual([
      undefined,
      'MD5',
    ]);
  });

  it('hold in the name of the repository itself', async () => {
    const odd = Buffer.concat([Buffer.from(`${folder}/r\xe9p\n`, 'latin1')]);
    mkdirSync(odd);
    const location = locationOf(odd.toString('latin1'));
    const one = openGit({
      ...location,
      workTree: undefined,
      gitDir: location.workTree as ByteString,
      commonDir: location.workTree as ByteString,
    });
    await one.run(['init', '-q', '--bare']);
    const sha = await one.writeBlob(b('x'));
    expect((await one.object(sha))?.content).toBe('x');
    await one.close();
  });
});

describe('refs', () => {
  it('are resolved as git does, loose, packed, symbolic', async () => {
    run(folder, 'commit', '-qm', 'one', '--allow-empty');
    run(folder, 'branch', 'packed');
    run(folder, 'tag', '-a', '-m', 'tag', 'v1');
    run(folder, 'pack-refs', '--all');
    run(folder, 'commit', '-qm', 'two', '--allow-empty');
    run(folder, 'symbolic-ref', 'refs/heads/symbolic', 'refs/heads/packed');
    for (const ref of [
      'HEAD',
      'refs/heads/main',
      'refs/heads/packed',
      'refs/tags/v1',
      'refs/heads/symbolic',
      'main',
      'HEAD~1',
      'v1^{commit}',
    ]) {
      expect(await git.resolve(ref)).toBe(run(folder, 'rev-parse', ref).trim());
    }
    for (const ref of [
      'refs/heads',
      'refs/heads/none',
      'refs/heads/pack',
      'none',
      '--all',
      'refs/../HEAD',
      '',
    ]) {
      expect(await git.resolve(ref)).toBeUndefined();
    }
    expect((await git.refs('refs/heads')).map(({ name }) => name)).toEqual([
      'refs/heads/main',
      'refs/heads/packed',
      'refs/heads/symbolic',
    ]);
  });
});

describe('run', () => {
  it('says what failed, without credentials', async () => {
    const failure = await git
      .run(['fetch', 'https://user:secret@127.0.0.1:1/x'])
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'git-failed' });
    expect(String(failure)).not.toContain('secret');
    const result = await git.run(['ls-remote', 'ext::sh -c echo% https://user:secret@h/%  %>&2'], {
      accept: 'any',
    });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).not.toContain('secret');
    expect(maskCredentials('see https://u:p@h/x, ssh://git@h/y and http://token@h/')).toBe(
      'see https://***@h/x, ssh://git@h/y and http://***@h/',
    );
  });

  it('does not take the repository of a calling hook', async () => {
    const before = { ...process.env };
    process.env['GIT_DIR'] = '/nonexistent';
    process.env['GIT_INDEX_FILE'] = '/nonexistent/index';
    process.env['GIT_LITERAL_PATHSPECS'] = '0';
    try {
      expect((await git.run(['rev-parse', '--absolute-git-dir'])).stdout).toBe(`${folder}/.git\n`);
      expect(await all(git.index([]))).toEqual([]);
    } finally {
      process.env = before;
    }
  });

  it('can be aborted, and streams stop with their consumer', async () => {
    const abort = new AbortController();
    const waiting = git
      .run(['cat-file', '--batch'], { signal: abort.signal })
      .catch((error: unknown) => error);
    abort.abort();
    await waiting;
    for await (const line of git.records(['log', '--format=%H', '--all'], '\n', { accept: 'any' }))
      expect(line).toBe('');
    await expect(all(git.records(['log', '--nonsense'], '\n'))).rejects.toMatchObject({ code: 'git-failed' });
  });
});
