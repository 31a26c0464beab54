import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { createReadLink } from '../../../src/operations/select/work-tree-links.js';
import { openGit } from '../../../src/repository/git/open-git.js';
import { git, newFolder, newRepository, removeFolder } from '../../repository/git/temporary-repository.js';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => removeFolder(folder));

/** What a link gives that was staged and then changed in the work tree. */
async function readAfter(change: (file: string) => void, ...options: string[]): Promise<string | undefined> {
  const repository = openGit(newRepository(folder, ...options));
  const file = join(folder, 'link');
  symlinkSync('staged \u00e9', file);
  git(folder, 'add', 'link');
  change(file);
  for await (const entry of repository.index([])) return createReadLink(folder as ByteString)(entry);
  return 'nothing staged';
}

describe('a staged link', () => {
  const target = Buffer.from('staged \u00e9').toString('latin1');
  const replace = (make: (file: string) => void) => (file: string) => {
    rmSync(file);
    make(file);
  };

  it('is read from the work tree', async () => {
    expect(await readAfter(() => undefined)).toBe(target);
  });
  it('is read where objects are named by SHA-256', async () => {
    expect(await readAfter(() => undefined, '--object-format=sha256')).toBe(target);
  });
  it('is not taken from another link, a file, or nothing at its place', async () => {
    expect(await readAfter(replace((file) => symlinkSync('other', file)))).toBeUndefined();
    removeFolder(join(folder, '.git'));
    rmSync(join(folder, 'link'));
    expect(await readAfter(replace((file) => writeFileSync(file, target, 'latin1')))).toBeUndefined();
    removeFolder(join(folder, '.git'));
    rmSync(join(folder, 'link'));
    expect(await readAfter((file) => rmSync(file))).toBeUndefined();
  });
});
