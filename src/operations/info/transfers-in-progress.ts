import { readdirSync, readFileSync } from 'node:fs';
import { type Key, parseKeyFileName } from '../../domain/key.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import { isFileLocked } from '../../repository/locks/file-lock.js';
import type { Repository } from '../../repository/repository.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Stat } from './stat.js';

/** A transfer that some process, of either program, is at. */
interface RunningTransfer {
  readonly direction: 'download' | 'upload';
  readonly uuid: Uuid;
  readonly key: Key;
  readonly file: ByteString | undefined;
}

/** The transfers whose lock is held now, and that have an info file. */
export function transfersInProgress(
  { annexDir, settings }: Pick<Repository, 'annexDir' | 'settings'>,
  known: KnownRepositories,
): Stat {
  const transfers = [...runningTransfers(annexDir)];
  const quotePath = () => settings.bool('core.quotepath', true);
  const lines = transfers.map(({ direction, uuid, key, file }) => {
    const other = known.remoteName(uuid) ?? uuid;
    const what = quoteName(file ?? key, quotePath);
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
        const info = contentOf(`${base}/${folder}/${name.slice('lck.'.length)}` as ByteString);
        if (info !== undefined) yield { direction, uuid, key, file: fileIn(info) };
      }
    }
  }
}

/** The info file's second line is the work tree file. */
function fileIn(info: ByteString): ByteString | undefined {
  const newline = info.indexOf('\n');
  const file = newline < 0 ? '' : info.slice(newline + 1).replace(/\n$/, '');
  return file === '' ? undefined : (file as ByteString);
}

function contentOf(path: ByteString): ByteString | undefined {
  try {
    return fromBuffer(readFileSync(toPath(path)));
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
