import { spawnSync } from 'node:child_process';
import { lstatSync, lutimesSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { parseSymlink, symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromText, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { GitEntry } from '../../repository/git/git.js';
import { isExecutable } from '../../repository/objects/lockdown.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch } from '../add/scratch.js';
import { openRepository } from '../open-repository.js';
import { commitViewMetadata } from '../view/commit-view-metadata.js';
import { fillAfterCheckout } from './fill-after-checkout.js';
import { processStreams, type Streams, say } from './streams.js';

/**
 * `git annex pre-commit [PATH...]`: before a commit, makes locked files that were moved lead to their content again, and runs
 * `annex.pre-commit-command` or the hook `pre-commit-annex`. Gives the exit code; not 0 prevents the commit.
 */
export async function run(argv: readonly string[], streams: Streams = processStreams()): Promise<number> {
  const repository = await openRepository(streams.cwd, { commit: false });
  try {
    const paths = argv.filter((word) => !word.startsWith('-'));
    const fixed = await fixMovedLinks(repository, paths.map(fromText), streams.cwd);
    for (const path of fixed) say(streams.stdout, `fix ${toText(path)} ok`);
    for (const line of await commitViewMetadata(repository)) say(streams.stdout, line);
    if (fixed.length > 0) say(streams.stdout, '(recording state in git...)');
    await fillAfterCheckout(repository);
    return runOwnHook(repository);
  } finally {
    await repository.close();
  }
}

interface StagedLink {
  readonly path: ByteString;
  readonly sha: ByteString;
}

/** Fixes what is staged, and the work tree where it has the same. Gives the paths. */
async function fixMovedLinks(
  repository: Repository,
  paths: readonly ByteString[],
  cwd: ByteString,
): Promise<ByteString[]> {
  const { git, location } = repository;
  if (location.workTree === undefined) return [];
  const links = await stagedLinks(repository, paths, cwd);
  const fixes: { path: ByteString; before: ByteString; after: ByteString }[] = [];
  let i = 0;
  for await (const blob of git.objects(links.map(({ sha }) => sha))) {
    const { path } = links[i++] as StagedLink;
    const key = blob === undefined ? undefined : parseSymlink(blob.content);
    if (blob === undefined || key === undefined) continue;
    const after = symlinkTarget(key, path);
    if (depthOf(blob.content) !== depthOf(after)) fixes.push({ path, before: blob.content, after });
  }
  if (fixes.length === 0) return [];
  const names = await git.writeObjects(fixes.map(({ after }) => ({ type: 'blob', content: after })));
  const mode = '120000' as ByteString;
  await git.stage(fixes.map(({ path }, n): GitEntry => ({ mode, sha: names[n] as ByteString, path })));
  await replaceLinks(repository, location.workTree, fixes);
  return fixes.map(({ path }) => path);
}

async function stagedLinks(
  { git }: Repository,
  paths: readonly ByteString[],
  cwd: ByteString,
): Promise<StagedLink[]> {
  const links: StagedLink[] = [];
  const args = [
    'diff',
    '--cached',
    '--raw',
    '-z',
    '--no-renames',
    '--no-abbrev',
    '--diff-filter=ACMRT',
    '--',
    ...paths,
  ];
  let sha: ByteString | undefined;
  for await (const record of git.records(args, '\0', { cwd })) {
    if (record.startsWith(':')) {
      const [, mode, , after] = record.split(' ');
      sha = mode === '120000' ? (after as ByteString) : undefined;
    } else if (sha !== undefined) links.push({ path: record, sha });
  }
  return links;
}

/** What leads from the link up to the git directory. */
function depthOf(target: ByteString): string {
  return target.slice(0, target.lastIndexOf('.git/annex/objects/'));
}

async function replaceLinks(
  { annexDir }: Repository,
  workTree: ByteString,
  fixes: readonly { path: ByteString; before: ByteString; after: ByteString }[],
): Promise<void> {
  const scratch = await openScratch(annexDir, new AbortController().signal);
  try {
    for (const { path, before, after } of fixes) {
      const file = toPath(`${workTree}/${path}` as ByteString);
      const stats = lstatSync(file, { throwIfNoEntry: false });
      if (stats?.isSymbolicLink() !== true || fromBuffer(readlinkSync(file, 'buffer')) !== before) continue;
      const link = toPath(scratch.name());
      symlinkSync(toPath(after), link);
      lutimesSync(link, stats.atime, stats.mtime);
      renameSync(link, file);
      rmSync(link, { force: true });
    }
  } finally {
    scratch.release();
  }
}

function runOwnHook({ settings, location }: Repository): number {
  const command = settings.get('annex.pre-commit-command');
  const hook = `${toText(location.commonDir)}/hooks/pre-commit-annex`;
  const words = command ? ['/bin/sh', '-c', toText(command)] : isExecutable(hook) ? [hook] : undefined;
  if (words === undefined) return 0;
  const cwd = toText(location.workTree ?? location.gitDir);
  return spawnSync(words[0] as string, words.slice(1), { cwd, stdio: 'inherit' }).status ?? 1;
}
