import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import { toPath } from '../../lib/buffers.js';
import type { Reception } from '../../protocol/served-content.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { ContentCheck } from '../../repository/objects/content-check.js';
import type { Repository } from '../../repository/repository.js';

export interface ReceiveOptions {
  readonly onChange: () => void;
  /** Called when what came is not the key's content. */
  readonly onFailure: () => void;
  readonly close: () => void;
}

const PIECE = 1 << 20;

/**
 * Receives content into the partial file of its key, checking it while it passes. What an attempt before left there is
 * read once for the check, and continued.
 */
export async function receiveContent(
  repository: Repository,
  key: Key,
  options: ReceiveOptions,
): Promise<Reception> {
  const { objects } = repository;
  const path = objects.tmpPath(key);
  const check = (await objects.contentChecks(key))();
  const file = await open(toPath(path), 'a+');
  const size = keySize(key);
  let at = (await file.stat()).size;
  if (size !== undefined && at > size) {
    await file.truncate(0);
    at = 0;
  }
  await readInto(check, file, at);
  const close = async () => {
    await file.close();
    options.close();
  };
  const discard = async () => {
    options.onFailure();
    rmSync(toPath(path), { force: true });
    await close();
  };
  const offset = at;
  return {
    offset,
    async write(bytes) {
      at += bytes.length;
      if (size !== undefined && at > size)
        throw new AnnexError('protocol', 'more was sent than the key stands for');
      check.update(bytes);
      for (let done = 0; done < bytes.length; ) {
        done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
      }
    },
    async finish() {
      if (check.matches() === false) {
        await discard();
        return false;
      }
      await file.close();
      try {
        await objects.admit(key, path);
        await objects.barrier();
        await recordLocations(repository, [key], repository.uuid, 'present');
      } finally {
        options.close();
      }
      options.onChange();
      return true;
    },
    discard,
    async leave() {
      if (at === 0) rmSync(toPath(path), { force: true });
      await close();
    },
  };
}

async function readInto(
  check: ContentCheck,
  file: Awaited<ReturnType<typeof open>>,
  size: number,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(size, 1)));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    check.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
