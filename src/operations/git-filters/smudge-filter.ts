import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { appendSmudgeLog } from './smudge-log.js';

/**
 * Hands a checked out content through. A pointer whose content is here is noted, for the hooks after the checkout to
 * fill the file: copying is quicker than sending the content through git, and can share blocks.
 */
export async function* smudgeThrough(
  repository: Repository,
  path: ByteString,
  content: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let start: Buffer[] | undefined = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    start?.push(piece);
    if (size > maxPointerSize) start = undefined;
    yield piece;
  }
  const key = start === undefined ? undefined : pointerKey(start);
  if (key !== undefined && repository.objects.locate(key) !== undefined) {
    await appendSmudgeLog(repository.annexDir, key, path);
  }
}

function pointerKey(pieces: Buffer[]): Key | undefined {
  return parsePointer(fromBuffer(Buffer.concat(pieces)));
}
