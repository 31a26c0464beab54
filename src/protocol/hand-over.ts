import type { Key } from '../domain/key.js';
import type { ByteString } from '../lib/bytes.js';
import type { OpenContent, Reception, ServedContent } from './served-content.js';

/** One content that goes from one served repository to another. */
export interface Passage {
  readonly key: Key;
  /** For information only. */
  readonly file: ByteString;
  readonly from: ServedContent;
  readonly to: ServedContent;
  /** Bytes that the receiver has, those from an earlier attempt included. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** How it ended: `missing`: the source does not have it. `refused`: the receiver did not keep it, or somebody else is sending it. */
export type PassageEnd =
  /** `also`: other repositories than the receiver that have it now. */
  | { readonly kind: 'stored' | 'there'; readonly also: readonly ByteString[] }
  | { readonly kind: 'missing' | 'refused' }
  | { readonly kind: 'failed'; readonly side: 'from' | 'to'; readonly error: unknown };

/**
 * Brings a content from one repository to another without keeping it on the way; what is cut off is continued the next time.
 * Never throws; an abort fails it on the receiver's side.
 */
export async function handOver(passage: Passage): Promise<PassageEnd> {
  const { key, file, from, to } = passage;
  const present = await attempt('from', () => from.present(key));
  if ('failure' in present) return present.failure;
  if (!present.value) return { kind: 'missing' };
  const received = await attempt('to', () => to.receive(key, file));
  if ('failure' in received) return received.failure;
  const answer = received.value;
  if (answer.kind !== 'wanted') return answer;
  const { reception } = answer;
  const opened = await attempt('from', () => from.open(key, reception.offset, file));
  if ('failure' in opened || opened.value === undefined) {
    await quietly(reception.leave());
    return 'failure' in opened ? opened.failure : { kind: 'missing' };
  }
  return passOn(opened.value, reception, passage);
}

/** Brings what is open to who is ready for it, and ends both. Never throws. */
export async function passOn(
  content: OpenContent,
  reception: Reception,
  how: Partial<Pick<Passage, 'onProgress' | 'signal'>>,
): Promise<PassageEnd> {
  const end = await pass(content, reception, how);
  await quietly(content.close(end.kind === 'failed' ? undefined : end.kind === 'stored'));
  return end;
}

async function pass(
  content: OpenContent,
  reception: Reception,
  { onProgress, signal }: Partial<Pick<Passage, 'onProgress' | 'signal'>>,
): Promise<PassageEnd> {
  let side: 'from' | 'to' = 'to';
  let ending = false;
  try {
    let bytes = reception.offset;
    await reception.begin?.(content.length);
    onProgress?.(bytes);
    side = 'from';
    for await (const piece of content.pieces()) {
      side = 'to';
      signal?.throwIfAborted();
      await reception.write(piece);
      bytes += piece.length;
      onProgress?.(bytes);
      side = 'from';
    }
    const unchanged = await content.unchanged();
    side = 'to';
    ending = true;
    const { success, also } = await reception.finish(unchanged);
    return success ? { kind: 'stored', also } : { kind: 'refused' };
  } catch (error) {
    if (!ending) await quietly(reception.leave());
    return { kind: 'failed', side, error };
  }
}

type Attempt<T> = { readonly value: T } | { readonly failure: PassageEnd };

async function attempt<T>(side: 'from' | 'to', action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    return { failure: { kind: 'failed', side, error } };
  }
}

/** What went wrong before matters more than what goes wrong when it is cleared away. */
async function quietly(ending: Promise<void>): Promise<void> {
  await ending.catch(() => undefined);
}
