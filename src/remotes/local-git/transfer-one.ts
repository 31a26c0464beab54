import { linkSync, rmSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { beginTransfer, beginWhereWritable } from '../exchange/begin-transfer.js';
import { copyVerified } from './copy-verified.js';

/** One content on its way between two repositories of this machine. */
export interface LocalTransfer {
  readonly from: Repository;
  readonly to: Repository;
  readonly key: Key;
  readonly file: ByteString | undefined;
  readonly verify: boolean;
  /** Goes on although the receiver's `annex.diskreserve` says no. */
  readonly ignoreReserve: boolean;
  readonly onBytes?: ((bytes: number) => Promise<void> | undefined) | undefined;
  readonly onResume?: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Copies one content and puts it in place in the receiver, under the transfer locks of both repositories. The receiver's
 * barrier and location log are left to the caller. Throws `AnnexError` when it can't be done, and the file system's
 * errors.
 */
export async function transferOne(transfer: LocalTransfer): Promise<void> {
  const { from, to, key } = transfer;
  const source = from.objects.locate(key);
  if (source === undefined) throw new AnnexError('content-missing', 'content is not present in remote');
  const { file } = transfer;
  const download = { direction: 'download', uuid: from.uuid, key } as const;
  const receiving = beginTransfer(to.transfers, download, file);
  try {
    const upload = { direction: 'upload', uuid: to.uuid, key } as const;
    const sending = beginWhereWritable(from.transfers, upload, file);
    try {
      if (!(await from.unlocked.unmodified(key, source))) {
        throw new AnnexError('content-modified', 'the content in the remote was modified, so it is not sent');
      }
      if (!transfer.ignoreReserve) to.objects.reserve(keySize(key) ?? 0);
      const onResume = (bytes: number) => {
        for (const held of [receiving, sending]) held.resumed(bytes);
        transfer.onResume?.(bytes);
      };
      const onBytes = (bytes: number) => {
        for (const held of [receiving, sending]) {
          held.progress(bytes);
          held.throwIfCancelled();
        }
        return transfer.onBytes?.(bytes);
      };
      await copyInto({ ...transfer, onResume, onBytes }, source);
    } finally {
      sending.release();
    }
  } finally {
    receiving.release();
  }
}

async function copyInto(transfer: LocalTransfer, source: ByteString): Promise<void> {
  const { to, key } = transfer;
  const tmp = to.objects.tmpPath(key);
  if (mayShareInode(transfer) && tryLink(source, tmp)) {
    if (
      transfer.verify &&
      (await to.objects.verify(key, tmp, (bytes) => void transfer.onBytes?.(bytes))) === false
    ) {
      rmSync(toPath(tmp), { force: true });
      throw new AnnexError('content-corrupt', 'verification of content failed');
    }
  } else {
    await copyContent(transfer, source, tmp);
  }
  await to.objects.admit(key, tmp);
}

async function copyContent(transfer: LocalTransfer, source: ByteString, tmp: ByteString): Promise<void> {
  const startCheck = transfer.verify ? await transfer.to.objects.contentChecks(transfer.key) : undefined;
  try {
    await copyVerified({
      source,
      target: tmp,
      startCheck,
      onBytes: transfer.onBytes,
      onResume: transfer.onResume,
      signal: transfer.signal,
    });
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'content-corrupt') rmSync(toPath(tmp), { force: true });
    throw error;
  }
}

/** `annex.hardlink`: both repositories may use one file, unless either lets work tree files share it (`annex.thin`). */
function mayShareInode({ from, to }: LocalTransfer): boolean {
  const asked = from.settings.bool('annex.hardlink', false) || to.settings.bool('annex.hardlink', false);
  return asked && !from.settings.bool('annex.thin', false) && !to.settings.bool('annex.thin', false);
}

function tryLink(source: ByteString, target: ByteString): boolean {
  try {
    rmSync(toPath(target), { force: true });
    linkSync(toPath(source), toPath(target));
    return true;
  } catch {
    return false;
  }
}
