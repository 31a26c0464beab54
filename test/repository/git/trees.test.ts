import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { objectParser } from '../../../src/repository/git/cat-file.js';
import type { Git } from '../../../src/repository/git/git.js';
import { createObjectSink } from '../../../src/repository/git/object-sink.js';
import { openGit } from '../../../src/repository/git/open-git.js';
import { packStream } from '../../../src/repository/git/pack-stream.js';
import { mergeTrees } from '../../../src/repository/git/tree-merge.js';
import { buildTree, parseTree } from '../../../src/repository/git/tree-object.js';
import { isTreePath, updateTree } from '../../../src/repository/git/tree-update.js';
import { git as run, newFolder, newRepository, output, removeFolder } from './temporary-repository.js';

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

/** Names that sort differently as files and as folders, and bytes that are not UTF-8. */
const part = fc.constantFrom('a', 'a.b', 'a-', 'a0', 'ab', 'a b', '\xe9', '\xff', 'B', '_').map(b);
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => b(parts.join('/')));
const files = fc.dictionary(path, fc.constantFrom('1', '2', '3', ''), { maxKeys: 12 }).map(withoutClashes);

/** Without files that have the name of a folder. */
function withoutClashes(all: Record<string, string>): Map<ByteString, string> {
  const names = Object.keys(all);
  const kept = names.filter((name) => !names.some((other) => other.startsWith(`${name}/`)));
  return new Map(kept.map((name) => [b(name), all[name] as string]));
}

/** The tree git itself makes of the files. */
function treeByGit(contents: ReadonlyMap<ByteString, string>): string {
  const index = { GIT_INDEX_FILE: `${folder}/.git/test-index` };
  output(folder, 'git', ['read-tree', '--empty'], index);
  const lines = [...contents].map(([name, content]) => {
    const sha = output(folder, 'git', ['hash-object', '-w', '--stdin'], {}, content).trim();
    return `100644 ${sha}\t${name}\0`;
  });
  output(folder, 'git', ['update-index', '-z', '--index-info'], index, lines.join(''));
  return output(folder, 'git', ['write-tree'], index).trim();
}

describe('updateTree', () => {
  it('makes the tree that git makes, from nothing and from another tree', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        const sink = await createObjectSink(git);
        const changes = (from: ReadonlyMap<ByteString, string>, to: ReadonlyMap<ByteString, string>) => {
          const map = new Map<ByteString, ByteString | undefined>();
          for (const name of from.keys()) if (!to.has(name)) map.set(name, undefined);
          for (const [name, content] of to) map.set(name, sink.add('blob', b(content)));
          return map;
        };
        const first = await updateTree(git, sink, undefined, changes(new Map(), before));
        await sink.flush();
        expect(first).toBe(treeByGit(before));
        const clash = [...after.keys()].some((name) =>
          [...before.keys()].some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`)),
        );
        if (clash) return;
        const second = await updateTree(git, sink, first, changes(before, after));
        await sink.flush();
        expect(second).toBe(treeByGit(after));
        expect(await updateTree(git, sink, second, new Map())).toBe(second);
      }),
      { numRuns: 20 },
    );
    run(folder, 'fsck', '--strict');
  }, 60_000);

  it('refuses what cannot be in a tree', async () => {
    const sink = await createObjectSink(git);
    for (const bad of ['', '/', 'a//b', 'a/', '/a', '.', 'a/../b', 'a/.git/b', 'a\0']) {
      expect(isTreePath(bad)).toBe(false);
      await expect(updateTree(git, sink, undefined, new Map([[b(bad), undefined]]))).rejects.toThrow(
        'not a path',
      );
    }
  });
});

describe('mergeTrees', () => {
  it('takes what is in either, and asks only about files that differ', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (ours, theirs) => {
        const both = [...ours.keys(), ...theirs.keys()];
        if (both.some((name) => both.some((other) => other.startsWith(`${name}/`)))) return;
        const [one, two] = [b(treeByGit(ours)), b(treeByGit(theirs))];
        const sink = await createObjectSink(git);
        const asked: string[] = [];
        const merged = await mergeTrees(git, sink, one, two, async (name, mine, other) => {
          asked.push(name);
          const texts = await Promise.all([git.object(mine), git.object(other)]);
          return sink.add('blob', b(texts.map((object) => object?.content).join('+')));
        });
        await sink.flush();
        const expected = new Map(theirs);
        for (const [name, content] of ours) {
          const other = theirs.get(name);
          expected.set(name, other === undefined || other === content ? content : `${content}+${other}`);
        }
        expect(merged).toBe(treeByGit(expected));
        expect(asked.sort()).toEqual(
          [...ours.keys()].filter((name) => theirs.has(name) && theirs.get(name) !== ours.get(name)).sort(),
        );
        if (asked.length === 0 && [...theirs.keys()].every((name) => ours.has(name)))
          expect(merged).toBe(one);
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});

describe('formats', () => {
  it('of trees are read as they are built', () => {
    const sha = fc.stringMatching(/^[0-9a-f]{40}$/).map(b);
    const mode = fc.constantFrom('100644', '40000', '120000').map(b);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ name: part, sha, mode }), { selector: ({ name }) => name }),
        (entries) => {
          const read = parseTree(buildTree(entries), 20);
          expect(new Set(read.map((entry) => JSON.stringify(entry)))).toEqual(
            new Set(entries.map(({ mode: m, name, sha: s }) => JSON.stringify({ mode: m, name, sha: s }))),
          );
        },
      ),
    );
    for (const bad of ['100644', '100644 a', '100644 a\0short', '\0', '1 \0'])
      expect(() => parseTree(b(bad), 20)).toThrow('corrupt');
  });

  it('of packs are taken by git for all sizes', async () => {
    const sizes = [0, 1, 15, 16, 255, 256, 257, 2047, 2048, 65_535, 65_536, 300_000];
    const objects = sizes.map((size) => ({ type: 'blob' as const, content: b('\xe9'.repeat(size)) }));
    const pack = Buffer.concat([...packStream(objects, objects.length, 'sha1')]);
    output(folder, 'git', ['index-pack', '--stdin', '--strict'], {}, pack.toString('latin1'));
    expect(
      run(folder, 'cat-file', '--batch-check=%(objectsize)', '--batch-all-objects')
        .split('\n')
        .filter(Boolean)
        .map(Number)
        .sort((x, y) => x - y),
    ).toEqual(sizes);
  });

  it('of cat-file answers are understood however they are cut, large ones skipped', () => {
    const sha = 'a'.repeat(40);
    const stream = Buffer.from(
      `${sha} blob 3\nx\ny\n${sha} missing\n${sha} blob 0\n\n${sha} tree 5\n12345\n${sha} blob 9\n123456789\nodd name ambiguous\n`,
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        const parse = objectParser(8);
        const answers: unknown[] = [];
        const points = [...new Set([0, ...cuts, stream.length])].sort((x, y) => x - y);
        points.forEach((point, i) => {
          parse(stream.subarray(point, points[i + 1] ?? stream.length), (answer) =>
            answers.push(answer instanceof Error ? 'too large' : answer?.content),
          );
        });
        expect(answers).toEqual(['x\ny', undefined, '', '12345', 'too large', undefined]);
      }),
    );
  });
});
