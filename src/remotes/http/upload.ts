import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Outgoing } from '../exchange/outgoing.js';
import type { AnnexApi } from './annex-api.js';
import type { Parameters } from './annex-url.js';
import { parseOffset, parseStored } from './answers.js';

export interface Upload {
  readonly key: Key;
  readonly file: ByteString | undefined;
  readonly outgoing: Outgoing;
  readonly onBytes: (bytes: number) => Promise<void> | undefined;
  /** So many bytes are there already. */
  readonly onResume: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export interface Uploaded {
  /** False: it was there already. */
  readonly moved: boolean;
  /** Where it is besides the server's repository. */
  readonly plusUuids: readonly Uuid[];
}

/** Milliseconds for which a server may be silent: it may have a large content to check when all of it is there. */
export const PUT_PATIENCE = 300_000;

/** Sends a content from where the server has it already. Throws `remote-refused` when the server does not keep it. */
export async function upload(
  api: AnnexApi,
  { key, file, outgoing, onBytes, onResume, signal }: Upload,
): Promise<Uploaded> {
  const start = await offsetThere(api, key, signal);
  if (start.offset === undefined) return { moved: false, plusUuids: start.plusUuids };
  const offset = Math.min(start.offset, outgoing.size);
  if (offset > 0) onResume(offset);
  const { parameters, headers } = putRequest(key, file, offset, outgoing.size - offset);
  const response = await api.ask('put', parameters, {
    headers,
    body: () => counted(outgoing, offset, onBytes),
    recycle: outgoing.recycle,
    patience: PUT_PATIENCE,
    signal,
  });
  const { stored, plusUuids } = parseStored(await response.text());
  if (stored) return { moved: true, plusUuids };
  throw new AnnexError('remote-refused', 'the remote could not store the content');
}

/** What a request to store so many bytes from an offset on says besides them. */
export function putRequest(key: Key, file: ByteString | undefined, offset: number, length: number) {
  const parameters: Parameters = [
    ['key', key],
    ['associatedfile', file],
    ['offset', offset],
  ];
  const type = { 'Content-Type': 'application/octet-stream' };
  return { parameters, headers: { ...type, 'X-git-annex-data-length': String(length) } };
}

/** Bytes that are there already; undefined: all of them. Version 0 has no question for that. */
export async function offsetThere(
  api: AnnexApi,
  key: Key,
  signal: AbortSignal,
): Promise<{ readonly offset: number | undefined; readonly plusUuids: readonly Uuid[] }> {
  if (api.settled() && api.version() < 1) return { offset: 0, plusUuids: [] };
  const response = await api.ask('putoffset', [['key', key]], { signal });
  return parseOffset(await response.text());
}

/** A content that was changed meanwhile ends too early: the server then throws away what it got. */
async function* counted(
  outgoing: Outgoing,
  offset: number,
  onBytes: (bytes: number) => Promise<void> | undefined,
): AsyncGenerator<Uint8Array> {
  let at = offset;
  let last: Uint8Array | undefined;
  for await (const piece of outgoing.pieces(offset)) {
    if (last !== undefined) {
      yield last;
      at += last.length;
      await onBytes(at);
    }
    last = piece;
  }
  if (last === undefined) return;
  if (!(await outgoing.unchanged())) return;
  yield last;
  await onBytes(at + last.length);
}
