import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import { toText } from '../../lib/bytes.js';
import { streamOf } from '../../lib/in-batches.js';
import type { Presence, Remote, TransferRequest } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Item } from '../select/item.js';
import type { RunningAction } from './running-action.js';
import type { Session } from './session.js';

/** One content to send. */
export interface Send {
  readonly item: Item;
  readonly running: RunningAction;
  /** Told of other repositories that have it now: nodes of the cluster that it was sent to. */
  readonly onAlso?: (uuid: Uuid) => void;
}

/** How it ended: `there`: the remote had it already. */
export type Sent = 'sent' | 'there' | AnnexError;

/** Asks a remote which contents it has. A remote that can't be asked answers with its error for each. */
export async function presenceOn<T extends { readonly item: Item }>(
  session: Session,
  remote: Remote,
  wanted: readonly T[],
): Promise<Map<T, Presence>> {
  const answers = new Map<T, Presence>();
  try {
    const keys = streamOf(wanted.map(({ item }) => item.key));
    let at = 0;
    const waiting = new Map<string, T[]>();
    for (const one of wanted) waiting.set(one.item.key, [...(waiting.get(one.item.key) ?? []), one]);
    for await (const { key, presence } of remote.presence(keys, { signal: session.context.signal })) {
      for (const one of waiting.get(key) ?? []) answers.set(one, presence);
      at++;
    }
    if (at < wanted.length) throw new AnnexError('remote-unavailable', 'the remote gave no answer');
  } catch (error) {
    if (session.context.signal.aborted || !(error instanceof AnnexError)) throw error;
    for (const one of wanted) if (!answers.has(one)) answers.set(one, error);
  }
  return answers;
}

/**
 * Sends contents that the remote does not have, and records here where they are now.
 * @param leaves whether what has to wait fails with `transfer-deferred` instead, so that the caller can do something else first
 */
export async function sendBatch(
  session: Session,
  remote: Remote,
  batch: readonly Send[],
  leaves: (request: TransferRequest) => boolean = () => false,
): Promise<Map<Send, Sent>> {
  const results = new Map<Send, Sent>();
  const elsewhere = new Map<Uuid, Key[]>();
  const requests = batch.map((send): TransferRequest & { send: Send } => ({
    key: send.item.key,
    file: send.item.path,
    send,
  }));
  const begun = new Set<Send>();
  try {
    const stored = remote.store(streamOf(requests), {
      signal: session.context.signal,
      ignoreReserve: session.force,
      elsewhere: leaves,
      onStart({ send }) {
        if (begun.has(send)) return;
        begun.add(send);
        send.running.note(`to ${toText(remote.name)}...`);
      },
      onProgress: ({ send, key }, bytes) => void send.running.progress(bytes, keySize(key)),
    });
    for await (const result of stored) {
      results.set(result.request.send, result.ok ? (result.moved ? 'sent' : 'there') : result.error);
      for (const uuid of result.ok ? (result.also ?? []) : []) {
        if (isClusterUuid(uuid)) continue;
        elsewhere.set(uuid, [...(elsewhere.get(uuid) ?? []), result.request.key]);
        result.request.send.onAlso?.(uuid);
      }
    }
  } catch (error) {
    if (!session.context.signal.aborted && !(error instanceof AnnexError)) throw error;
    const reason = error instanceof AnnexError ? error : new AnnexError('interrupted', 'interrupted');
    for (const send of batch) if (!results.has(send)) results.set(send, reason);
  }
  const there = batch.filter((send) => !(results.get(send) instanceof AnnexError));
  await recordLocations(
    session.here,
    there.map(({ item }) => item.key),
    remote.uuid,
    'present',
  );
  for (const [uuid, keys] of elsewhere) await recordLocations(session.here, keys, uuid, 'present');
  return results;
}
