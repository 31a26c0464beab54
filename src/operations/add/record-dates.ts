import { keyLogPath } from '../../domain/hash-directories.js';
import { changeMetadata, parseMetadata } from '../../domain/logs/metadata-log.js';
import { type MetadataEdit, metadataChanges } from '../../domain/metadata.js';
import { ascii } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import { logClock } from '../settings-log/log-clock.js';
import type { Addition } from './add-file.js';

/** `annex.genmetadata`: the day a file was last modified, in UTC, becomes its content's year, month and day. */
export async function recordDates(branch: AnnexBranch, additions: readonly Addition[]): Promise<void> {
  const now = logClock();
  await branch.change(
    additions.flatMap(({ key, candidate }) => {
      if (key === undefined) return [];
      const edits = dateOf(candidate.stats.mtime);
      return {
        path: keyLogPath(key, 'metadata'),
        change: (content) => changeMetadata(content, metadataChanges(edits, parseMetadata(content)), now),
      };
    }),
  );
}

function dateOf(time: Date): MetadataEdit[] {
  const parts = { year: time.getUTCFullYear(), month: time.getUTCMonth() + 1, day: time.getUTCDate() };
  return Object.entries(parts).map(([field, value]) => ({
    type: 'set',
    field: ascii(field),
    value: ascii(String(value)),
  }));
}
