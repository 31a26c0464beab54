import { keyLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { parseMetadata } from '../../domain/logs/metadata-log.js';
import { maxPointerSize, parsePointer, parseSymlink } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Addition } from './add-file.js';
import type { AddRun } from './add-run.js';

/** A new version of a file, and the content it had in the last commit. */
interface Version {
  readonly addition: Addition;
  readonly key: Key;
  readonly before: Key;
}

/**
 * Gives new versions of files the metadata of the last commit's, where they have none, and says so as git-annex does. Files
 * that git did not know cost nothing.
 */
export async function inheritMetadata(run: AddRun, additions: readonly Addition[]): Promise<void> {
  const versions = await newVersions(run, additions);
  if (versions.length === 0) return;
  const { repository, context, show } = run;
  const logs: ByteString[] = [];
  const paths = versions.map(({ before }) => keyLogPath(before, 'metadata'));
  for await (const { content } of repository.branch.readMany(paths)) logs.push(content);
  const inheriting = versions.flatMap((version, i) => {
    const log = logs[i] ?? ('' as ByteString);
    return parseMetadata(log).fields.size > 0 ? [{ ...version, log }] : [];
  });
  if (inheriting.length === 0) return;
  await repository.branch.change(
    inheriting.map(({ key, log }) => ({
      path: keyLogPath(key, 'metadata'),
      change: (content) => (content === '' ? log : content),
    })),
  );
  for (const { addition } of inheriting) {
    const name = show(addition.candidate.path);
    const advice = "If you don't want this copied metadata, run: git annex metadata --remove-all ";
    context.emit({
      type: 'problem',
      action: addition.running.action,
      message: ['Copied metadata from old version of ', { name }, ` to new version. ${advice}`, { name }],
    });
  }
}

async function newVersions({ repository }: AddRun, additions: readonly Addition[]): Promise<Version[]> {
  const changed = additions.filter(
    ({ key, candidate: { tracked, path } }) => key !== undefined && tracked === true && !path.includes('\n'),
  );
  if (changed.length === 0) return [];
  const names = changed.map(({ candidate }) => `HEAD:${candidate.path}` as ByteString);
  const small: { addition: Addition; sha: ByteString }[] = [];
  let at = 0;
  for await (const info of repository.git.objectInfo(names)) {
    const addition = changed[at++] as Addition;
    if (info?.type === 'blob' && info.size <= maxPointerSize) small.push({ addition, sha: info.sha });
  }
  const versions: Version[] = [];
  at = 0;
  for await (const blob of repository.git.objects(small.map(({ sha }) => sha))) {
    const { addition } = small[at++] as { addition: Addition };
    const key = addition.key as Key;
    const before = blob && (parseSymlink(blob.content) ?? parsePointer(blob.content));
    if (before !== undefined && before !== key) versions.push({ addition, key, before });
  }
  return versions;
}
