import { statSync } from 'node:fs';
import { type Key, keySize } from '../../domain/key.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';

/** Bytes of a content that an attempt before left here, and that a client need not send again. */
export function partialSize({ objects }: Pick<Repository, 'objects'>, key: Key): number {
  try {
    const { size } = statSync(toPath(objects.tmpPath(key)));
    return size > (keySize(key) ?? size) ? 0 : size;
  } catch {
    return 0;
  }
}
