import { keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { ServedContent } from '../../protocol/served-content.js';
import { removeContents } from '../../remotes/local-git/remove-contents.js';
import type { Repository } from '../../repository/repository.js';
import { clientsProof } from './clients-proof.js';
import { openContent } from './open-content.js';
import { receiveContent } from './receive-content.js';

/** Seconds for which content stays that a client locked and then vanished. */
const RETENTION = 600;

export interface ServeOptions {
  readonly repository: Repository;
  /** The client's repository: transfers are noted under its uuid. */
  readonly client: Uuid;
  /** Called when content came or went: the hook `annex-content`. */
  readonly onChange: () => void;
  /** Seconds of the clock that all servers of the machine share and that never jumps; tests have their own. */
  readonly clock?: () => number;
}

/** A local repository as clients of the P2P protocol see it. */
export function serveRepository(options: ServeOptions): ServedContent {
  const { repository, client, onChange, clock = monotonicSeconds } = options;
  const { objects, transfers } = repository;
  const named = (file: ByteString) => (file === '' ? undefined : file);

  return {
    uuid: repository.uuid,
    present: async (key) => objects.locate(key) !== undefined,
    now: () => Math.floor(clock()),
    async lock(key) {
      const lock = objects.lockRetained(key, RETENTION);
      return lock && { release: async () => lock.release(), abandon: async () => lock.abandon() };
    },
    async remove(key, before) {
      if (objects.locate(key) === undefined) return true;
      const left = before === undefined ? undefined : before - clock();
      if (left !== undefined && left <= 0) return false;
      const expires = left === undefined ? undefined : performance.now() + left * 1000;
      const [result] = await removeContents(repository, [{ key, proof: clientsProof(key, client, expires) }]);
      if (result?.error === undefined) onChange();
      return result?.error === undefined;
    },
    async open(key, offset, file) {
      const path = objects.locate(key);
      if (path === undefined || !(await repository.unlocked.unmodified(key, path))) return undefined;
      const transfer = { direction: 'upload', uuid: client, key } as const;
      const lock = transfers.begin(transfer, named(file));
      if (lock === undefined) return undefined;
      return openContent({
        path,
        offset,
        unchanged: () => repository.unlocked.unmodified(key, path),
        close: (received) => {
          if (received) transfers.forgetFailure(transfer);
          else if (received === undefined) transfers.recordFailure(transfer, named(file));
          lock.release();
        },
      });
    },
    async receive(key, file) {
      const transfer = { direction: 'download', uuid: client, key } as const;
      const lock = transfers.begin(transfer, named(file));
      if (lock === undefined) return undefined;
      try {
        objects.reserve(keySize(key) ?? 0);
        return await receiveContent(repository, key, {
          onChange: () => {
            transfers.forgetFailure(transfer);
            onChange();
          },
          onFailure: () => transfers.recordFailure(transfer, named(file)),
          close: () => lock.release(),
        });
      } catch (error) {
        lock.release();
        throw error;
      }
    },
  };
}

/** Seconds since the machine started (CLOCK_MONOTONIC), which git-annex's servers count too. */
function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
