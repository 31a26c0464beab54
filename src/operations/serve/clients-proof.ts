import { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { proveDrop } from '../../planning/prove-drop.js';

/**
 * The proof for what a client asks to remove: it answers for the other copies, and has them locked.
 * @param expires until when it holds, by `performance.now()`; undefined: for as long as the client waits
 */
export function clientsProof(key: Key, client: Uuid, expires?: number): SafeDropProof {
  const decision = proveDrop({
    key,
    target: '' as Uuid,
    locked: [{ uuid: client, expires }],
    trusted: [],
    numcopies: 1,
    mincopies: 1,
  });
  if (decision.proof === undefined)
    throw new AnnexError('copies-insufficient', 'a cluster is no copy to rely on');
  return decision.proof;
}
