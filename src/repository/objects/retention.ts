import { existsSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';

/**
 * `<content>.rtm`: until when content is kept for a client that locked it over the network and vanished. Seconds since
 * 1970 as a decimal number and `s`, as git-annex writes it.
 */
const retentionFile = (content: ByteString) => `${content}.rtm` as ByteString;

export function isRetained(content: ByteString): boolean {
  const until = readRetention(content);
  return until !== undefined && Date.now() / 1000 < until;
}

/** Keeps content until then, or longer where that was promised already. Its folder is writable. */
export function writeRetention(content: ByteString, until: number): void {
  const promised = readRetention(content);
  if (promised !== undefined && promised >= until) return;
  const partial = toPath(`${content}.rtm.${process.pid}` as ByteString);
  writeFileSync(partial, `${until.toFixed(9)}s`);
  renameSync(partial, toPath(retentionFile(content)));
}

/** Deletes what is left of a retention that has ended. */
export function deleteRetention(content: ByteString): void {
  for (const suffix of ['.rtm', '.rtl']) {
    const file = toPath(`${content}${suffix}` as ByteString);
    if (existsSync(file)) unlinkSync(file);
  }
}

function readRetention(content: ByteString): number | undefined {
  try {
    const text = readFileSync(toPath(retentionFile(content)), 'latin1');
    const seconds = Number.parseFloat(text);
    // What cannot be read may have been meant to keep the content.
    return Number.isFinite(seconds) ? seconds : Number.POSITIVE_INFINITY;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
