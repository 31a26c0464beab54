import { createHmac } from 'node:crypto';
import type { Key } from '../../domain/key.js';
import { keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { BalanceState } from '../../planning/balance.js';
import type { Repository } from '../../repository/repository.js';
import { maximumSizes, repositorySizes } from './repository-sizes.js';

/** `BalanceState`, and what changes it. */
export interface LiveBalance extends BalanceState {
  /** A content came to a repository, or went, since the sizes were read. */
  moved(uuid: Uuid, key: Key, change: 'came' | 'went'): void;
}

/** Reads what `balanced=` and its like need to know of repositories; sizes are read only where there are maximum sizes. */
export async function loadBalanceState(
  { branch, settings }: Repository,
  facts: Pick<BalanceState, 'groupMembers' | 'trust'>,
  rebalance: boolean,
): Promise<LiveBalance> {
  const limits = await maximumSizes(branch);
  const sizes = limits.size === 0 ? new Map<Uuid, number>() : await repositorySizes(branch);
  const percent = Number(settings.get('annex.fullybalancedthreshhold') ?? Number.NaN);
  return {
    ...facts,
    used: (uuid) => sizes.get(uuid) ?? 0,
    maxsize: (uuid) => limits.get(uuid),
    rebalance,
    fullPercent: Number.isFinite(percent) ? percent : 90,
    digest: (secret, message) =>
      createHmac('sha256', Buffer.from(secret, 'latin1')).update(Buffer.from(message, 'latin1')).digest(),
    moved(uuid, key, change) {
      const size = keySize(key) ?? 0;
      sizes.set(uuid, Math.max(0, (sizes.get(uuid) ?? 0) + (change === 'came' ? size : -size)));
    },
  };
}
