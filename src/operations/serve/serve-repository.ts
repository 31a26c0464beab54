import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { proveDrop } from '../../planning/prove-drop.js';
import type { ServedContent } from '../../protocol/served-content.js';
import { removeContents } from '../../remotes/local-git/remove-contents.js';
import type { Repository } from '../../repository/repository.js';
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
}

/** A local repository as clients of the P2P protocol see it. */
export function serveRepository({ repository, client, onChange }: ServeOptions): ServedContent {
  const { objects, transfers } = repository;
  const named = (file: ByteString) => (file === '' ? undefined : file);

  return {
    uuid: repository.uuid,
    present: async (key) => objects.locate(key) !== undefined,
    now: () => Math.floor(monotonicSeconds()),
    async lock(key) {
      const lock = objects.lockRetained(key, RETENTION);
      return lock && { release: async () => lock.release(), abandon: async () => lock.abandon() };
    },
    async remove(key, before) {
      if (objects.locate(key) === undefined) return true;
      if (before !== undefined && monotonicSeconds() >= before) return false;
      const [result] = await removeContents(repository, [{ key, proof: clientsProof(key, client, before) }]);
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

/** The clock that all servers of a machine share, and that does not jump: seconds since it started. */
function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** Over the protocol the client answers for the other copies; until when is for the server to keep. */
function clientsProof(key: Key, client: Uuid, before: number | undefined) {
  const expires = before === undefined ? undefined : performance.now() + (before - monotonicSeconds()) * 1000;
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
