import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import type { Git } from '../../../src/repository/git/git.js';
import { createObjectSink } from '../../../src/repository/git/object-sink.js';
import { openGit } from '../../../src/repository/git/open-git.js';
import { type Rewritten, rewriteTree } from '../../../src/repository/git/tree-rewrite.js';
import { updateTree } from '../../../src/repository/git/tree-update.js';
import { newFolder, newRepository, output, removeFolder } from './temporary-repository.js';

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

const part = fc.constantFrom('a', 'a.b', 'a-', 'ab', 'a b', '\xff', '"\n');
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const fate = fc.constantFrom('kept', 'removed', 'linked', 'ignored');
const files = fc.dictionary(path, fate, { minKeys: 1, maxKeys: 10 });

it('changes and removes what is asked, keeps the rest, and leaves empty folders', async () => {
  await fc.assert(
    fc.asyncProperty(files, async (all) => {
      const names = Object.keys(all).filter(
        (name) => !Object.keys(all).some((other) => other.startsWith(`${name}/`)),
      );
      const sink = await createObjectSink(git);
      const modes = { kept: '100644', removed: '100644', linked: '100755', ignored: '120000' } as const;
      const fateOf = (name: string) => all[name] as keyof typeof modes;
      const entries = names.map((name) => {
        const sha = sink.add('blob', b(`${fateOf(name)} ${name}`));
        return [b(name), { mode: b(modes[fateOf(name)]), sha }] as const;
      });
      const tree = await updateTree(git, sink, undefined, new Map(entries));
      await sink.flush();
      const link = { mode: b('120000'), sha: sink.add('blob', b('target')) };
      const decide = ({ path: name }: { path: string }): Rewritten => {
        const what = fateOf(name);
        if (what === 'ignored') throw new Error(`${name} was not asked for`);
        return what === 'linked' ? link : what;
      };
      const wanted = (mode: string) => mode !== '120000' && mode !== '040000';
      const made = await rewriteTree(git, sink, tree, wanted, async (list) => list.map(decide));
      await sink.flush();
      const expected = entries.flatMap(([name, entry]) => {
        const what = fateOf(name);
        if (what === 'removed') return [];
        const { mode, sha } = what === 'linked' ? link : entry;
        return [`${mode} blob ${sha}\t${name}`];
      });
      const listed = output(folder, 'git', ['ls-tree', '-r', '-z', made]).split('\0').filter(Boolean);
      expect(listed.sort()).toEqual(expected.sort());
      if (names.every((name) => ['kept', 'ignored'].includes(fateOf(name)))) expect(made).toBe(tree);
      const folders = (sha: string) =>
        output(folder, 'git', ['ls-tree', '-r', '-d', '-z', '--name-only', sha]).split('\0').sort();
      expect(folders(made)).toEqual(folders(tree));
    }),
    { numRuns: 20 },
  );
  output(folder, 'git', ['fsck', '--strict', '--no-dangling']);
});
