import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { discoverRepository } from '../../../src/repository/git/discover.js';
import { git, newFolder, newRepository, removeFolder } from './temporary-repository.js';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => removeFolder(folder));

const found = (where: string): Promise<unknown> => discoverRepository(where as ByteString);

/** What git itself says; undefined for no work tree. */
function asGit(where: string): object {
  const ask = (question: string): string =>
    git(where, 'rev-parse', '--path-format=absolute', question).trimEnd();
  const bare = ask('--is-bare-repository') === 'true';
  return {
    gitDir: ask('--absolute-git-dir'),
    commonDir: ask('--git-common-dir'),
    workTree: bare ? undefined : ask('--show-toplevel'),
  };
}

describe('discoverRepository', () => {
  it('finds plain, linked, separate, sub and bare repositories as git does', async () => {
    const main = `${folder}/main`;
    const sub = `${folder}/sub`;
    for (const path of [main, sub, `${folder}/bare.git`, `${folder}/apart`]) mkdirSync(path);
    newRepository(main);
    newRepository(sub);
    git(sub, 'commit', '-qm', 'one', '--allow-empty');
    git(main, 'commit', '-qm', 'one', '--allow-empty');
    git(main, 'worktree', 'add', '-q', `${folder}/linked`);
    git(main, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', sub, 'module');
    newRepository(`${folder}/bare.git`, '--bare');
    newRepository(`${folder}/apart`, `--separate-git-dir=${folder}/elsewhere.git`);
    mkdirSync(`${main}/deep/er`, { recursive: true });
    mkdirSync(`${folder}/linked/deep`);
    const places = [
      'main',
      'main/deep/er',
      'linked',
      'linked/deep',
      'main/module',
      'bare.git',
      'bare.git/objects',
      'apart',
    ];
    for (const place of places)
      expect(await found(`${folder}/${place}`)).toEqual(asGit(`${folder}/${place}`));
    git(main, 'config', 'core.worktree', '../../linked');
    expect(await found(main)).toEqual(asGit(main));
  });

  it('knows the work tree of a git directory it stands in', async () => {
    newRepository(folder);
    const location = { gitDir: `${folder}/.git`, commonDir: `${folder}/.git`, workTree: folder };
    expect(await found(`${folder}/.git`)).toEqual(location);
    expect(await found(`${folder}/.git/objects`)).toEqual(location);
    process.env['GIT_DIR'] = '.';
    try {
      expect(await found(`${folder}/.git`)).toEqual(location);
      process.env['GIT_DIR'] = `${folder}/.git`;
      mkdirSync(`${folder}/below`);
      expect(await found(folder)).toEqual(location);
    } finally {
      delete process.env['GIT_DIR'];
    }
  });

  it('does not take a half-made or foreign repository', async () => {
    const outer = `${folder}/outer`;
    mkdirSync(`${outer}/inner/.git`, { recursive: true });
    newRepository(outer);
    expect(await found(`${outer}/inner`)).toEqual(asGit(`${outer}/inner`));
    await expect(found('/')).rejects.toMatchObject({ code: 'not-a-repository' });
    await expect(found(`${folder}/missing`)).rejects.toMatchObject({ code: 'not-a-repository' });
    writeFileSync(`${folder}/.git`, 'gitdir: nowhere\n');
    await expect(found(folder)).rejects.toMatchObject({ code: 'not-a-repository' });
    chownSync(`${outer}/.git`, 12345, 12345);
    chownSync(outer, 12345, 12345);
    await expect(found(outer)).rejects.toMatchObject({ code: 'permission' });
  });
});
