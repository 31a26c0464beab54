import { readdirSync, readFileSync } from 'node:fs';
import { type Key, parseKeyFileName } from '../../domain/key.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { isFileLocked } from '../../repository/locks/file-lock.js';
import { escapeControls } from '../repositories/escape-controls.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Stat } from './stat.js';

/** A transfer that some process, of either program, is at. */
interface RunningTransfer {
  readonly direction: 'download' | 'upload';
  readonly uuid: Uuid;
  readonly key: Key;
  readonly file: ByteString | undefined;
}

/** The transfers whose lock is held now. */
export function transfersInProgress(annexDir: ByteString, known: KnownRepositories): Stat {
  const transfers = [...runningTransfers(annexDir)];
  const lines = transfers.map(({ direction, uuid, key, file }) => {
    const other = known.remoteName(uuid) ?? uuid;
    const what = escapeControls(file ?? key);
    return direction === 'upload'
      ? `\n\tuploading ${what} to ${other}`
      : `\n\tdownloading ${what} from ${other}`;
  });
  return {
    name: 'transfers in progress',
    json: transfers.map(({ direction, uuid, key, file }) => ({
      ...(file === undefined ? {} : { file }),
      key,
      remote: uuid,
      transfer: direction,
    })),
    text: lines.length === 0 ? 'none' : lines.join(''),
  };
}

function* runningTransfers(annexDir: ByteString): Generator<RunningTransfer> {
  for (const direction of ['download', 'upload'] as const) {
    const base = `${annexDir}/transfer/${direction}`;
    for (const folder of names(base)) {
      const uuid = folder === 'lck' ? undefined : parseUuid(folder);
      if (uuid === undefined) continue;
      for (const name of names(`${base}/${folder}`)) {
        const key = name.startsWith('lck.') ? parseKeyFileName(name.slice('lck.'.length)) : undefined;
        if (key === undefined || !isFileLocked(`${base}/${folder}/${name}` as ByteString)) continue;
        yield { direction, uuid, key, file: fileIn(`${base}/${folder}/${name.slice('lck.'.length)}`) };
      }
    }
  }
}

/** The info file's second line is the work tree file. */
function fileIn(info: string): ByteString | undefined {
  try {
    const text = fromBuffer(readFileSync(toPath(info as ByteString)));
    const file = text.slice(text.indexOf('\n') + 1).replace(/\n$/, '');
    return file === '' || !text.includes('\n') ? undefined : (file as ByteString);
  } catch {
    return undefined;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(toPath(folder as ByteString), 'latin1').sort();
  } catch {
    return [];
  }
}
