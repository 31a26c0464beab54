import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attempt, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { addIn, whereis, word, write } from '../transfer/run-operation.js';

let sandbox: Sandbox;
let a: string;

beforeEach(() => {
  sandbox = createSandbox();
  a = sandbox.annex('a', 'a');
});
afterEach(() => sandbox.remove());

const staged = (name: string) => run('git', ['ls-files', '-s', '--', name], a).split(' ')[0];

describe('add', () => {
  it('makes what git-annex makes', async () => {
    write(a, { 'f1.tar.gz': 'one', 'sub/deep/f2': 'two', empty: '', 'na"me\n': 'odd' });
    utimesSync(join(a, 'f1.tar.gz'), 1_600_000_000, 1_600_000_000);
    const { outcome, actions } = await addIn(a, ['.']);
    expect(outcome.failed).toBe(0);
    expect(actions).toHaveLength(4);
    const twin = sandbox.annex('twin');
    write(twin, { 'f1.tar.gz': 'one', 'sub/deep/f2': 'two', empty: '', 'na"me\n': 'odd' });
    run('git', ['annex', 'add', '-q', '.'], twin);
    expect(run('git', ['ls-files', '-s', '-z'], a)).toBe(run('git', ['ls-files', '-s', '-z'], twin));
    expect(readlinkSync(join(a, 'sub/deep/f2'))).toBe(readlinkSync(join(twin, 'sub/deep/f2')));
    expect(lstatSync(join(a, 'f1.tar.gz')).mtimeMs).toBe(1_600_000_000_000);
    expect(statSync(join(a, 'f1.tar.gz')).mode & 0o777).toBe(0o444);
    expect(whereis(a, 'f1.tar.gz')).toEqual(['a']);
    expect(attempt('git', ['annex', 'fsck', '-q'], a).status).toBe(0);
    expect((await addIn(a, ['.'])).actions).toEqual([]);
  });

  it('follows the rules on what is large, and on dotfiles and ignored ones', async () => {
    write(a, {
      '.gitignore': '*.o\n',
      '.hidden': 'h',
      'x.o': 'o',
      small: 's',
      'large.bin': 'l'.repeat(100),
      'd/.e/f': 'f',
    });
    run('git', ['config', 'annex.largefiles', 'largerthan=50b and include=*.bin'], a);
    const { actions } = await addIn(a, []);
    expect([...actions].sort()).toEqual([
      'add .gitignore (dotfile; adding content to git repository) ok',
      'add .hidden (dotfile; adding content to git repository) ok',
      'add d/.e/f (dotfile; adding content to git repository) ok',
      'add large.bin ok',
      'add small (non-large file; adding content to git repository) ok',
    ]);
    expect([staged('small'), staged('large.bin'), staged('x.o')]).toEqual(['100644', '120000', '']);
    write(a, { forced: 'x', kept: 'y' });
    await addIn(a, ['forced'], { forceLarge: true });
    await addIn(a, ['kept', 'x.o'], { forceSmall: true, includeIgnored: true });
    expect([staged('forced'), staged('kept'), staged('x.o')]).toEqual(['120000', '100644', '100644']);
  });

  it('says which files are not there and adds the others', async () => {
    write(a, { f: 'f' });
    const { outcome, events } = await addIn(a, ['nosuch', 'f']);
    expect(outcome.failed).toBe(1);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'end',
        messageId: 'FileNotFound',
        errors: ['git-annex: nosuch not found'],
      }),
    );
    expect(staged('f')).toBe('120000');
  });

  it('adds files unlocked when told to, and modified ones again', async () => {
    write(a, { f: 'one' });
    run('git', ['config', 'annex.addunlocked', 'include=f'], a);
    await addIn(a, ['f']);
    run('git', ['commit', '-q', '-m', 'f'], a);
    expect(staged('f')).toBe('100644');
    expect(run('git', ['status', '--short'], a)).toBe('');
    writeFileSync(join(a, 'f'), 'two');
    run('git', ['config', '--unset', 'annex.addunlocked'], a);
    expect((await addIn(a, [], { trackedOnly: true })).actions).toEqual(['add f ok']);
    expect(staged('f')).toBe('120000');
    expect(readFileSync(join(a, 'f'), 'latin1')).toBe('two');
    expect(attempt('git', ['annex', 'fsck', '-q', '--all'], a).status).toBe(0);
  });

  it('repairs copied annex links, and stages other links as they are', async () => {
    write(a, { f: 'one' });
    await addIn(a, ['f']);
    mkdirSync(join(a, 'sub'));
    symlinkSync(readlinkSync(join(a, 'f')), join(a, 'sub/copy'));
    symlinkSync('nowhere', join(a, 'link'));
    expect((await addIn(a, ['sub', 'link'])).outcome.failed).toBe(0);
    expect(readFileSync(join(a, 'sub/copy'), 'latin1')).toBe('one');
    expect(readlinkSync(join(a, 'link'))).toBe('nowhere');
  });

  it("does not lose the user's content when the one in the annex is corrupt", async () => {
    write(a, { f: 'precious' });
    await addIn(a, ['f']);
    const object = join(
      a,
      run('git', ['annex', 'contentlocation', run('git', ['annex', 'lookupkey', 'f'], a)], a),
    );
    spawnSync('chmod', ['u+w', object]);
    writeFileSync(object, 'PRECIOUS');
    write(a, { g: 'precious' });
    await addIn(a, ['g']);
    expect(readFileSync(join(a, 'g'), 'latin1')).toBe('precious');
  });

  it('leaves files as they were when the annex cannot take them', async () => {
    write(a, { f: 'kept', g: 'kept too' });
    mkdirSync(join(a, '.git/annex'), { recursive: true });
    writeFileSync(join(a, '.git/annex/objects'), 'in the way');
    const { outcome } = await addIn(a, ['f', 'g']);
    expect(outcome.failed).toBe(2);
    expect(readFileSync(join(a, 'f'), 'latin1')).toBe('kept');
    expect(statSync(join(a, 'f')).mode & 0o777).toBe(0o644);
    expect(lstatSync(join(a, 'g')).isFile()).toBe(true);
    execFileSync('rm', [join(a, '.git/annex/objects')]);
    expect((await addIn(a, ['f', 'g'])).outcome.failed).toBe(0);
  });

  it('shows what it would do', async () => {
    write(a, { f: 'f' });
    expect((await addIn(a, ['f'], { dryRun: true })).actions).toEqual(['add f ok']);
    expect(lstatSync(join(a, 'f')).isFile()).toBe(true);
    expect(existsSync(join(a, '.git/annex/objects'))).toBe(false);
  });

  it('answers each line of a batch', async () => {
    write(a, { f: 'f' });
    const batch = (async function* () {
      for (const line of ['f', 'nosuch', '']) yield word(line);
    })();
    const { events } = await addIn(a, [], { batch });
    expect(events.filter(({ type }) => type === 'end' || type === 'blank').map(({ type }) => type)).toEqual([
      'end',
      'blank',
      'blank',
    ]);
  });

  it('takes the backend from the option, then attributes, then git config', async () => {
    write(a, { '.gitattributes': '*.md annex.backend=MD5E\n', 'x.md': 'x', y: 'y', 'z.txt': 'z' });
    run('git', ['config', 'annex.backend', 'SHA1'], a);
    await addIn(a, ['x.md', 'y']);
    await addIn(a, ['z.txt'], { backend: word('WORM') });
    const backend = (name: string) => run('git', ['annex', 'lookupkey', name], a).replace(/-.*/s, '');
    expect(['x.md', 'y', 'z.txt'].map(backend)).toEqual(['MD5E', 'SHA1', 'WORM']);
    await expect(addIn(a, ['.'], { backend: word('BOGUS') })).resolves.toMatchObject({
      outcome: { failed: 0 },
    });
  });
});
