import { readdirSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { failedFolder } from '../../repository/transfers/failed-transfers.js';
import { failureFolder } from './failure-store.js';

/** Whether there may be anything for `sync --retry` to do. Looks at names of files only. */
export function anythingFailed(annexDir: ByteString): boolean {
  if (namesIn(failureFolder(annexDir, 'remotes')).length > 0) return true;
  const failed = failedFolder(annexDir);
  return namesIn(failed).some((direction) =>
    namesIn(`${failed}/${direction}` as ByteString).some(
      (uuid) => namesIn(`${failed}/${direction}/${uuid}` as ByteString).length > 0,
    ),
  );
}

function namesIn(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder), 'latin1');
  } catch {
    return [];
  }
}
