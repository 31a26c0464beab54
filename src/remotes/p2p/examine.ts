import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { readContent } from '../../protocol/client.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { ExamineRequest, ExamineResult } from '../remote.js';
import type { Connection } from './connections.js';
import type { P2pParts } from './parts.js';
import { lostFor } from './work-through.js';

/** Fetches contents as they are, one after the other, into the scratch files. */
export async function* examineAll<R extends ExamineRequest>(
  parts: P2pParts,
  requests: AsyncIterable<R>,
  signal: AbortSignal,
): AsyncGenerator<ExamineResult<R>> {
  for await (const request of requests) {
    signal.throwIfAborted();
    const error = await fetchInto(parts, request);
    yield error === undefined
      ? { request, file: request.scratch, error }
      : { request, file: undefined, error };
  }
}

async function fetchInto(parts: P2pParts, request: ExamineRequest): Promise<AnnexError | undefined> {
  let connection: Connection | undefined;
  let file: number | undefined;
  try {
    file = openScratch(request.scratch);
    connection = await parts.connections.take();
    const error = await fetchOver(connection, request, file);
    parts.connections.give(connection);
    return error;
  } catch (error) {
    if (connection === undefined) return asAnnexError(error, 'remote-unavailable');
    if (error instanceof AnnexError && error.code === 'remote-refused') {
      parts.connections.give(connection);
      return error;
    }
    connection.close();
    // One that was idle may have died long ago.
    return connection.used ? fetchInto(parts, request) : lostFor(parts.identity, connection, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function fetchOver(
  { session }: Connection,
  { key }: ExamineRequest,
  file: number,
): Promise<AnnexError | undefined> {
  const { wire } = session;
  await wire.send({ name: 'GET', offset: 0, file: key, key });
  const write = (piece: Uint8Array): undefined => {
    for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done);
    return undefined;
  };
  const { length, valid, failure } = await readContent(session, { key, offset: 0, write });
  await wire.send({ name: 'SUCCESS' });
  if (failure !== undefined) return asAnnexError(failure.error, 'permission');
  if (valid !== false) return undefined;
  return length === 0
    ? new AnnexError('content-missing', 'content is not present in remote')
    : new AnnexError('content-modified', 'the content changed while it was being read');
}

function openScratch(path: ByteString): number {
  mkdirSync(toPath(path.slice(0, path.lastIndexOf('/')) as ByteString), { recursive: true });
  return openSync(toPath(path), 'w', 0o600);
}
