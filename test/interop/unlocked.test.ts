import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { subjectCommand } from '../support/program.js';
import { createTwins } from '../support/twins.js';

let scene: Scene;

beforeAll(() => {
  scene = createScene({ resident: true });
  const files = scene.create('template/files');
  for (const name of ['a', 'b', 'd/e', 'gone']) write(files, name, `content of ${name}\n`);
  chmodSync(files.file('b'), 0o755);
  files.must('real', 'add', '.');
  files.git('commit', '-qm', 'files');
  files.must('real', 'drop', '--force', 'gone');
});
afterAll(() => scene.remove());

let seconds = 1_600_000_000;

/** Dated back: git would look again at files that changed in the moment it wrote its index. */
function write(repository: Repository, name: string, content: string): void {
  repository.write(name, content);
  seconds++;
  utimesSync(repository.file(name), seconds, seconds);
}

const links = (repository: Repository, name: string) => lstatSync(repository.file(name)).nlink;

test('lock and unlock as git-annex does: modes, times, missing contents, modified files, staged changes', () => {
  const { same, both, ours } = createTwins(scene, 'template', 'lock');
  same('files', ['unlock', 'a', 'gone']);
  same('files', ['edit', 'b', '--json']);
  expect(lstatSync(ours('files').file('b')).mode & 0o777).toBe(0o755);
  expect(lstatSync(ours('files').file('a')).mtimeMs).toBe(1_600_000_001_000);
  same('files', ['unlock', '--unlocked', '.']);
  same('files', ['lock', 'gone', 'nosuch']);
  both('files', (repository) => write(repository, 'a', 'modified\n'));
  same('files', ['lock', 'a', '--json', '--json-error-messages']);
  same('files', ['lock', 'a']);
  same('files', ['lock', '--force']);
  same('files', ['unlock', 'd']);
  both('files', (repository) => {
    write(repository, 'd/e', 'staged\n');
    repository.git('add', 'd/e');
  });
  same('files', ['lock', 'd']);
  both('files', (repository) => {
    rmSync(repository.file('a'));
    write(repository, 'a', 'content of a\n');
  });
  expect(ours('files').ours('lock', 'a').stdout).toContain('lock a (checksum...) ok');
  ours('files').git('commit', '-qm', 'locked');
  expectSound(ours('files'), { missingCopies: true });
});

test('lock and unlock killed before git was told are finished by the next run', () => {
  scene.copy('template/files', 'half');
  const half = scene.repository('half');
  const index = `${half.gitDirectory}/index`;
  /** All as after the command, but for git's index, which a killed run has not come to. */
  const untold = (...command: string[]) => {
    const before = readFileSync(index);
    half.must('ours', ...command);
    writeFileSync(index, before);
  };
  untold('unlock', 'a', 'b', 'gone', 'd');
  rmSync(half.file('d/e'));
  write(half, 'd/e', 'Content of d/e\n');
  expect(half.git('status', '--porcelain').split('\n')).toHaveLength(4);
  expect(half.ours('unlock').stdout).toMatch(/^unlock a ok\nunlock b ok\nunlock gone ok\n(?!unlock)/);
  expect(half.git('status', '--porcelain').split('\n')).toEqual(['T  a', 'T  b', ' T d/e', 'T  gone']);
  expect(half.git('ls-files', '-s', 'b')).toMatch(/^100755/);
  rmSync(half.file('d/e'));
  half.git('checkout', '-q', 'd/e');
  half.git('commit', '-qm', 'unlocked');
  untold('lock');
  expect(half.git('status', '--porcelain').split('\n')).toHaveLength(3);
  half.must('ours', 'lock');
  expect(half.git('status', '--porcelain').split('\n')).toEqual(['T  a', 'T  b', 'T  gone']);
  half.git('commit', '-qm', 'locked');
  expectSound(half, { missingCopies: true });
});

test('annex.thin links and unlinks, a modified link is never taken for the content', () => {
  const { same, both, ours } = createTwins(scene, 'template', 'thin');
  both('files', (repository) => repository.git('config', 'annex.thin', 'true'));
  same('files', ['unlock', 'a', 'b', 'd/e']);
  expect([links(ours('files'), 'a'), links(ours('files'), 'b')]).toEqual([2, 2]);
  same('files', ['fix']);
  both('files', (repository) => repository.git('config', 'annex.thin', 'false'));
  same('files', ['fix', 'b']);
  same('files', ['fix', '--json', 'b']);
  same('files', ['lock', 'd/e']);
  both('files', (repository) => write(repository, 'a', 'modified\n'));
  same('files', ['lock', 'a']);
  same('files', ['lock', '--force', 'a']);
});

test('an object that was lost comes back from the unlocked file', () => {
  scene.copy('template', 'lost');
  const files = scene.repository('lost/files');
  files.must('ours', 'unlock', 'a');
  const object = files.must('real', 'contentlocation', files.must('real', 'lookupkey', 'a').trim()).trim();
  chmodSync(dirname(files.file(object).toString()), 0o755);
  rmSync(files.file(object));
  expect(files.must('ours', 'lock', 'a')).toContain('lock a ok');
  expect(readFileSync(files.file('a'), 'utf8')).toBe('content of a\n');
  expectSound(files, { missingCopies: true, dirty: true });
});

test('fix: links that were moved', () => {
  const { same, both } = createTwins(scene, 'template', 'fix');
  both('files', (repository) => {
    repository.write('x/y/plain', 'plain');
    repository.git('mv', 'a', 'x/y/a');
    repository.git('mv', 'd/e', 'e');
  });
  same('files', ['fix', 'x']);
  same('files', ['fix', '--json']);
  same('files', ['fix', 'nosuch']);
});

test('unannex gives files back, as copies or hard links, and keeps what is modified', () => {
  const { same, both, ours } = createTwins(scene, 'template', 'unannex');
  same('files', ['unannex', 'a', 'gone', 'nosuch']);
  same('files', ['unannex', '--fast', '--json', 'b']);
  expect(links(ours('files'), 'b')).toBe(2);
  both('files', (repository) => {
    repository.must('real', 'unlock', 'd/e');
    write(repository, 'd/e', 'modified\n');
  });
  same('files', ['unannex']);
});

test('uninit leaves a plain git repository with all contents, and never deletes a content that no file has', () => {
  scene.copy('template', 'uninit');
  const files = scene.repository('uninit/files');
  files.must('real', 'unlock', 'd/e');
  files.git('commit', '-qm', 'unlocked');
  const object = files.must('real', 'contentlocation', files.must('real', 'lookupkey', 'b').trim()).trim();
  files.git('rm', '-q', 'b', 'gone');
  const refused = files.ours('uninit');
  expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining('uninit objects  \nfailed')]);
  expect(readFileSync(files.file(object), 'utf8')).toBe('content of b\n');
  linkSync(files.file(object), files.file('kept'));
  expect(files.must('ours', 'uninit')).toBe('uninit check  ok\nuninit objects  ok\nuninit finish  ok\n');
  expect(files.git('status', '--porcelain').split('\n').sort()).toEqual(
    ['?? a', '?? d/', '?? kept', 'D  a', 'D  b', 'D  d/e', 'D  gone'].sort(),
  );
  for (const [name, content] of [
    ['a', 'a'],
    ['d/e', 'd/e'],
    ['kept', 'b'],
  ] as const) {
    expect(readFileSync(files.file(name), 'utf8')).toBe(`content of ${content}\n`);
    expect(lstatSync(files.file(name)).mode & 0o200).toBe(0o200);
  }
  expect(existsSync(`${files.gitDirectory}/annex`)).toBe(false);
  expect(files.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect(files.git('config', '--list', '--local')).not.toMatch(/annex/);
  expect(readFileSync(`${files.gitDirectory}/info/attributes`, 'utf8').trim()).toBe('');
});

test('content goes from the annex to git and back, also in a partial commit', () => {
  scene.copy('template', 'convert');
  const files = scene.repository('convert/files');
  const ours = `${subjectCommand()
    .map((word) => `'${word}'`)
    .join(' ')}`;
  for (const [name, how] of [
    ['smudge', 'smudge -- %f'],
    ['clean', 'smudge --clean -- %f'],
    ['process', 'filter-process'],
  ] as const) {
    files.git('config', `filter.annex.${name}`, `${ours} ${how}`);
  }
  const blob = (name: string) => files.git('cat-file', 'blob', `HEAD:${name}`);
  files.git('config', 'annex.largefiles', 'anything');
  files.must('ours', 'unlock', 'a');
  files.git('commit', '-qm', 'unlocked');
  files.git('rm', '-q', '--cached', 'a');
  files.must('ours', 'add', '--force-small', 'a');
  files.git('commit', '-qm', 'git', 'a');
  expect(blob('a')).toBe('content of a');
  utimesSync(files.file('a'), seconds, seconds);
  files.git('add', 'a');
  expect(files.git('status', '--porcelain')).toBe('');
  write(files, 'a', 'modified in git\n');
  files.git('commit', '-qam', 'annex');
  expect(blob('a')).toMatch(/^\/annex\/objects\/SHA256E-s16--/);
  expectSound(files, { missingCopies: true });
});

test('status and upgrade', () => {
  const { same, both, ours } = createTwins(scene, 'template', 'status');
  both('files', (repository) => {
    repository.must('real', 'unlock', 'a', 'b');
    repository.git('commit', '-qm', 'unlocked');
    write(repository, 'a', 'modified\n');
    rmSync(repository.file('b'));
    write(repository, 'new', 'new\n');
    repository.git('add', 'new');
    write(repository, 'x/tab\t', '');
    repository.git('mv', 'd/e', 'd/f');
  });
  same('files', ['status', 'nosuch', '.']);
  same('files', ['status', '--json', 'd', 'x']);
  ours('files').git('config', 'annex.version', '8');
  expect(ours('files').must('ours', 'upgrade')).toMatch(/^upgrade {2}\(v8 to v9\.\.\.\) \n+ok\n$/);
  expect(ours('files').git('config', 'annex.version')).toBe('9');
  expect(ours('files').ours('upgrade').stderr).toContain('until one year after the v9 upgrade');
  expect(ours('files').must('real', 'upgrade', '--force')).toContain('ok');
  both('files', (repository) => repository.git('config', 'annex.version', '10'));
  same('files', ['upgrade', '--json']);
});
