import { parseBackend } from '../../domain/backends.js';
import { keyLogPath } from '../../domain/hash-directories.js';
import { type Key, keyBackend, keySize } from '../../domain/key.js';
import { parseEquivalentKeys } from '../../domain/logs/equivalent-keys-log.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import { verifyFile } from '../../repository/objects/content-check.js';
import { hashFunction } from '../../repository/objects/hashers.js';
import { formatSizeShort } from '../../domain/data-units.js';
import type { Check } from './check.js';

export interface ExamineOptions {
  readonly branch: AnnexBranch;
  /** The size is looked at, the bytes are not. */
  readonly fast: boolean;
  readonly signal: AbortSignal;
}

/** Up to this many bytes progress is not worth telling. */
const QUICK = 1 << 20;

/** What is wrong with a file as the content of the check's key: `Bad file size (8 B smaller)`; undefined: nothing. */
export async function examineContent(
  check: Check,
  file: ByteString,
  size: number,
  options: ExamineOptions,
): Promise<string | undefined> {
  const expected = keySize(check.key);
  if (expected !== undefined && size !== expected) {
    const difference = formatSizeShort(Math.abs(size - expected));
    return `Bad file size (${difference} ${size > expected ? 'larger' : 'smaller'})`;
  }
  if (options.fast) return undefined;
  return (await holdsContent(check, file, size, options)) ? undefined : 'Bad file content';
}

/** What the key cannot tell is taken for right, as git-annex takes it. */
async function holdsContent(
  check: Check,
  file: ByteString,
  size: number,
  options: ExamineOptions,
): Promise<boolean> {
  const { type, name } = parseBackend(keyBackend(check.key));
  if (type === 'vurl') {
    check.note('checksum...');
    return holdsEquivalent(check.key, file, options);
  }
  if ((await hashFunction(name)) === undefined) {
    if (type === 'hash' || type === 'git-bundle') check.note(`${name} content can't be checked`);
    return true;
  }
  check.note('checksum...');
  const onBytes = size > QUICK ? (bytes: number) => check.progress(bytes, size) : undefined;
  return (await verifyFile(check.key, file, { onBytes, signal: options.signal })) !== false;
}

/** A VURL key stands for any of the keys recorded for it; for anything until one is. */
async function holdsEquivalent(
  key: Key,
  file: ByteString,
  { branch, signal }: ExamineOptions,
): Promise<boolean> {
  const equivalents = parseEquivalentKeys(await branch.read(keyLogPath(key, 'equivalentKeys')));
  for (const equivalent of equivalents) {
    if ((await verifyFile(equivalent, file, { signal })) !== false) return true;
  }
  return equivalents.length === 0;
}
