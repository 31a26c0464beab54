import { createHash } from 'node:crypto';
import { parseKey, type Key } from '../../../src/domain/key.js';
import { pointerContent, symlinkTarget } from '../../../src/domain/pointers.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import type { GitReport } from '../../../src/operations/merge/git-report.js';
import { mergeRef } from '../../../src/operations/merge/merge-ref.js';
import { openGit } from '../../../src/repository/git/open-git.js';
import type { Repository } from '../../../src/repository/repository.js';
import { attempt, run } from '../../support/annex-repository.js';

/** What a tree has at a path. */
export interface File {
  readonly mode: '120000' | '100644' | '100755' | '160000';
  readonly content: (path: ByteString) => string;
}

export type Tree = { readonly [path: string]: File };

export function key(name: string, extension = ''): Key {
  const digest = createHash('sha256').update(name).digest('hex');
  return parseKey(`SHA256E-s10--${digest}${extension}`) as Key;
}

export const locked = (name: string, extension = ''): File => ({
  mode: '120000',
  content: (path) => symlinkTarget(key(name, extension), path),
});
export const unlocked = (name: string, mode: '100644' | '100755' = '100644'): File => ({
  mode,
  content: () => pointerContent(key(name)),
});
export const plain = (text: string): File => ({ mode: '100644', content: () => text });
export const link = (target: string): File => ({ mode: '120000', content: () => target });

/** Commits a tree without touching the work tree; gives the commit. */
export function commitTree(
  repository: string,
  tree: Tree,
  parents: readonly string[],
  message: string,
): string {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const entries = Object.entries(tree).map(([path, file]) => {
    const content = file.content(ascii(path));
    return file.mode === '160000'
      ? `M 160000 ${content} "${path}"\n`
      : `M ${file.mode} inline "${path}"\n${data(content)}`;
  });
  const [from, ...merged] = parents;
  const stream = [
    'commit refs/fast-import\nmark :1\ncommitter U <u@example.com> 1700000000 +0000\n',
    data(message),
    from === undefined ? '' : `from ${from}\n`,
    ...merged.map((parent) => `merge ${parent}\n`),
    'deleteall\n',
    ...entries,
    'get-mark :1\nreset refs/fast-import\nfrom 0000000000000000000000000000000000000000\n',
  ];
  return run('git', ['fast-import', '--quiet', '--force'], repository, stream.join(''));
}

/** Paths of the tree that is checked out, with mode and blob: `120000 SHA PATH`. */
export function treeOf(repository: string): string[] {
  const lines = run('git', ['ls-tree', '-r', 'HEAD'], repository).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => line.replace(/ (blob|commit) /, ' ').replace('\t', ' '));
}

/** Merges with git-annex: as its `pull` does, which resolves conflicts. */
export function mergeWithGitAnnex(
  repository: string,
  theirs: string,
): { status: number | null; stdout: string } {
  const remote = `${repository}-remote`;
  run('git', ['clone', '-q', '--bare', repository, remote], repository);
  run('git', ['update-ref', 'refs/heads/main', theirs], remote);
  run('git', ['remote', 'add', 'origin', remote], repository);
  run('git', ['config', 'remote.origin.annex-uuid', '00000000-0000-0000-0000-000000000001'], repository);
  run('git', ['config', 'remote.origin.annex-ignore', 'false'], repository);
  return attempt('git', ['annex', 'pull', '--no-content', 'origin'], repository);
}

/** What a merge of ours said. */
export interface Told extends GitReport {
  text: string;
}

export function listen(): Told {
  const told: Told = {
    text: '',
    output(text) {
      told.text += text;
    },
    complaint(text) {
      told.text += text;
    },
    note(text) {
      told.text += `  ${text}\n`;
    },
  };
  return told;
}

/** The parts of a repository that merging needs, without content. */
export function mergeParts(path: string): Repository {
  const gitDir = ascii(`${path}/.git`);
  const location = { gitDir, commonDir: gitDir, workTree: ascii(path) };
  const parts = {
    location,
    annexDir: ascii(`${path}/.git/annex`),
    git: openGit(location),
    objects: { locate: () => undefined },
    unlocked: { populate: async () => undefined },
  };
  return parts as unknown as Repository;
}

/** Merges with our code; throws what it throws. */
export async function mergeWithUs(path: string, ref: string, annexedOnly = false): Promise<string> {
  const repository = mergeParts(path);
  const told = listen();
  const { signal } = new AbortController();
  const options = { allowUnrelatedHistories: false, resolve: true, annexedOnly, signal };
  try {
    await mergeRef(repository, ascii(ref), options, told);
  } finally {
    await repository.git.close();
  }
  return told.text;
}
